with

source as (

    {{ current_rows('custom', 'accounts') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('account_id') }} as account_source_id,
        name as account_name,
        {{ domain_of('domain') }} as domain,
        {{ source_id('parent_id') }} as parent_source_id,
        cast(null as varchar) as merged_into_source_id,
        cast(null as varchar) as merged_ids,
        industry,
        segment,
        country,
        {{ as_number('employees', 'bigint') }} as employees_count,
        {{ as_timestamp('created_at') }} as created_at,
        _is_gone as is_deleted,
        {{ custom_fields('dim_accounts') }} as custom_fields

    from source

)

select * from final
