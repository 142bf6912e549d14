with

source as (

    {{ current_rows('salesforce', 'accounts') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as account_source_id,
        name as account_name,
        {{ domain_of('website') }} as domain,
        {{ source_id('parent_id') }} as parent_source_id,
        {{ source_id('master_record_id') }} as merged_into_source_id,
        cast(null as varchar) as merged_ids,
        industry,
        cast(null as varchar) as segment,
        billing_country as country,
        {{ as_number('number_of_employees', 'bigint') }} as employees_count,
        {{ as_timestamp('created_date') }} as created_at,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted,
        {{ custom_fields('dim_accounts') }} as custom_fields

    from source

)

select * from final
