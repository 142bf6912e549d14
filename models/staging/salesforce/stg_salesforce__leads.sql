with

source as (

    {{ current_rows('salesforce', 'leads') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as person_source_id,
        'lead' as person_kind,
        lower(trim(email)) as person_email,
        {{ source_id('converted_account_id') }} as account_source_id,
        {{ domain_of('website') }} as company_domain,
        -- a queue owns leads that nobody has taken yet
        case when owner_id not like '00G%' then {{ source_id('owner_id') }} end as owner_source_id,
        coalesce(trim(first_name || ' ' || last_name), last_name) as person_name,
        title as job_title,
        lead_source as source_value,
        status as lead_status,
        {{ as_number('number_of_employees', 'bigint') }} as employees_count,
        {{ as_timestamp('created_date') }} as created_at,
        cast(null as timestamp) as mql_at,
        cast(null as timestamp) as sql_at,
        {{ source_id('converted_contact_id') }} as linked_person_source_id,
        cast(null as varchar) as merged_ids,
        {{ source_id('master_record_id') }} as merged_into_source_id,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted,
        {{ custom_fields('fct_leads') }} as custom_fields,
        {{ source_id('converted_opportunity_id') }} as converted_opportunity_id,
        {{ as_boolean('is_converted') }} as is_converted,
        {{ as_date('converted_date') }} as converted_date

    from source

)

select * from final
