with

source as (

    {{ current_rows('prospecting', 'leads') }}

),

loads as (

    {{ known_loads('prospecting', 'leads') }}

),

-- Apollo and Dropcontact do not say when they found somebody, and each export lists everybody anew
first_found as (

    select
        leads._source_instance,
        lower(trim(leads.email)) as person_email,
        min(loads.extracted_at) as found_at

    from {{ source('prospecting', 'leads') }} as leads
    inner join loads on leads._load_id = loads.content_load_id
    group by leads._source_instance, lower(trim(leads.email))

),

-- current_rows tells addresses apart by case, people do not
people as (

    select *
    from source
    qualify row_number() over (
        partition by _source_instance, lower(trim(email))
        order by coalesce({{ as_timestamp('enriched_at') }}, _delivered_at) desc, _delivered_at desc, _file_row desc
    ) = 1

),

final as (

    select
        'prospecting' as source_system,
        people._source_instance as source_instance,
        people._source_instance || ':' || {{ keyed_hash('lower(trim(email))') }} as person_source_id,
        'prospect' as person_kind,
        lower(trim(email)) as person_email,
        cast(null as varchar) as account_source_id,
        {{ domain_of('domain') }} as company_domain,
        cast(null as varchar) as owner_source_id,
        coalesce(trim(first_name || ' ' || last_name), last_name) as person_name,
        title as job_title,
        coalesce(source, 'prospecting') as source_value,
        email_status as lead_status,
        cast(null as bigint) as employees_count,
        coalesce({{ as_timestamp('enriched_at') }}, first_found.found_at) as created_at,
        cast(null as timestamp) as mql_at,
        cast(null as timestamp) as sql_at,
        cast(null as varchar) as linked_person_source_id,
        cast(null as varchar) as merged_ids,
        cast(null as varchar) as merged_into_source_id,
        false as is_deleted,
        {{ custom_fields('fct_leads') }} as custom_fields

    from people
    inner join first_found
        on
            people._source_instance = first_found._source_instance
            and lower(trim(people.email)) = first_found.person_email

)

select * from final
