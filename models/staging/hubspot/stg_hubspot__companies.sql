with

source as (

    {{ current_rows('hubspot', 'companies') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as account_source_id,
        name as account_name,
        {{ domain_of('domain') }} as domain,
        {{ source_id('hs_parent_company_id') }} as parent_source_id,
        cast(null as varchar) as merged_into_source_id,
        hs_merged_object_ids as merged_ids,
        industry,
        cast(null as varchar) as segment,
        country,
        {{ as_number('numberofemployees', 'bigint') }} as employees_count,
        {{ as_timestamp('createdate') }} as created_at,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted,
        {{ custom_fields('dim_accounts') }} as custom_fields

    from source

)

select * from final
