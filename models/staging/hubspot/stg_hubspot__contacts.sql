with

source as (

    {{ current_rows('hubspot', 'contacts') }}

),

history as (

    {{ current_rows('hubspot', 'contact_property_history') }}

),

-- dates on the contact are of the last time it entered a stage; its history knows the first
entries as (

    select
        {{ source_id('contact_id') }} as person_source_id,
        min(case when value = 'marketingqualifiedlead' then {{ as_timestamp('timestamp') }} end) as mql_at,
        min(case when value = 'salesqualifiedlead' then {{ as_timestamp('timestamp') }} end) as sql_at

    from history
    where name = 'lifecyclestage' and not _is_gone
    group by {{ source_id('contact_id') }}

),

listed as (

    select
        *,
        {{ source_id('id') }} as contact_key,
        {{ as_timestamp('createdate') }} as created_at,
        {{ plain_text("coalesce(lifecyclestage, '')") }} as present_stage

    from source

),

dated as (

    select
        listed.*,
        least(entries.mql_at, {{ as_timestamp('hs_v2_date_entered_marketingqualifiedlead') }}) as dated_mql_at,
        least(entries.sql_at, {{ as_timestamp('hs_v2_date_entered_salesqualifiedlead') }}) as dated_sql_at,
        -- internal names, and labels in English and French
        {{ regexp_text('present_stage', 'marketing *qualif|qualif.*marketing') }} is not null as is_mql,
        {{ regexp_text('present_stage', '(sales|commercial) *qualif|qualif.*(sales|commercial|vente)') }} is not null as is_sql

    from listed
    left join entries on listed.contact_key = entries.person_source_id

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        contact_key as person_source_id,
        'contact' as person_kind,
        lower(trim(email)) as person_email,
        lower(hs_additional_emails) as other_emails,
        {{ source_id(first_listed('associated_company_ids')) }} as account_source_id,
        {{ domain_of('associated_company_domain') }} as company_domain,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        coalesce(trim(firstname || ' ' || lastname), firstname, lastname) as person_name,
        jobtitle as job_title,
        hs_analytics_source as source_value,
        hs_lead_status as lead_status,
        cast(null as bigint) as employees_count,
        created_at,
        -- a stage without the day it was entered dates from the record's creation at the earliest
        coalesce(dated_mql_at, case when is_mql then created_at end) as mql_at,
        coalesce(dated_sql_at, case when is_sql then greatest(created_at, dated_mql_at) end) as sql_at,
        cast(null as varchar) as linked_person_source_id,
        hs_merged_object_ids as merged_ids,
        cast(null as varchar) as merged_into_source_id,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted,
        {{ custom_fields('fct_leads') }} as custom_fields

    from dated

)

select * from final
