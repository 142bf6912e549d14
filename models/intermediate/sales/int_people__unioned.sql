with

unioned as (
    {{ union_by_name(
        [
            'stg_hubspot__contacts', 'stg_salesforce__contacts', 'stg_salesforce__leads', 'stg_pipedrive__persons',
            'stg_custom__leads', 'stg_prospecting__leads'
        ],
        [
            'source_system', 'source_instance', 'person_source_id', 'person_kind', 'person_email', 'account_source_id',
            'company_domain', 'owner_source_id', 'job_title', 'source_value', 'lead_status', 'employees_count',
            'created_at', 'mql_at', 'sql_at', 'linked_person_source_id', 'is_deleted', 'custom_fields'
        ]
    ) }}

),

final as (

    select
        source_system,
        source_instance,
        person_source_id,
        person_kind,
        case when person_email like '%_@_%' then person_email end as person_email,
        {{ domain_of('person_email') }} as email_domain,
        account_source_id,
        company_domain,
        owner_source_id,
        job_title,
        source_value,
        lead_status,
        employees_count,
        created_at,
        mql_at,
        sql_at,
        linked_person_source_id,
        is_deleted,
        custom_fields

    from unioned

)

select * from final
