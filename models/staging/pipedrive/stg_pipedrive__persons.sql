with

source as (

    {{ current_rows('pipedrive', 'persons') }}

),

labels as (

    select * from {{ ref('stg_pipedrive__field_labels') }}

),

labelled as (

    select
        source.*,
        {{ labelled_fields('source._extra', 'labels.field_labels', 'labels.option_labels') }} as labelled_fields

    from source
    left join labels on source._source_instance = labels.source_instance

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as person_source_id,
        'contact' as person_kind,
        lower(trim(split_part(replace(email, ',', ';'), ';', 1))) as person_email,
        lower(concat_ws(';', email, email_home, email_other)) as other_emails,
        {{ source_id('org_id') }} as account_source_id,
        cast(null as varchar) as company_domain,
        {{ source_id('owner_id') }} as owner_source_id,
        name as person_name,
        cast(null as varchar) as job_title,
        cast(null as varchar) as source_value,
        cast(null as varchar) as lead_status,
        cast(null as bigint) as employees_count,
        {{ as_timestamp('add_time') }} as created_at,
        cast(null as timestamp) as mql_at,
        cast(null as timestamp) as sql_at,
        cast(null as varchar) as linked_person_source_id,
        merge_what_id as merged_ids,
        cast(null as varchar) as merged_into_source_id,
        _is_gone as is_deleted,
        {{ custom_fields('fct_leads', 'labelled_fields') }} as custom_fields

    from labelled

)

select * from final
