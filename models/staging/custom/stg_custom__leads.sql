with

source as (

    {{ current_rows('custom', 'leads') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('lead_id') }} as person_source_id,
        'lead' as person_kind,
        lower(trim(email)) as person_email,
        {{ source_id('account_id') }} as account_source_id,
        cast(null as varchar) as company_domain,
        {{ source_id('owner_id') }} as owner_source_id,
        cast(null as varchar) as person_name,
        cast(null as varchar) as job_title,
        source as source_value,
        status as lead_status,
        cast(null as bigint) as employees_count,
        {{ as_timestamp('created_at') }} as created_at,
        {{ as_timestamp('mql_at') }} as mql_at,
        {{ as_timestamp('sql_at') }} as sql_at,
        cast(null as varchar) as linked_person_source_id,
        cast(null as varchar) as merged_ids,
        cast(null as varchar) as merged_into_source_id,
        {{ source_id('opportunity_id') }} as converted_opportunity_id,
        _is_gone as is_deleted,
        {{ custom_fields('fct_leads') }} as custom_fields

    from source

)

select * from final
