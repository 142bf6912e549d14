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

mailboxes as (

    select * from {{ ref('shared_mailboxes') }}

),

final as (

    select
        source_system,
        source_instance,
        person_source_id,
        person_kind,
        case when person_email like '%_@_%' then person_email end as person_email,
        -- who writes from info@ is not who wrote from it before
        case when person_email like '%_@_%' and mailboxes.mailbox is null then person_email end as own_email,
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
    left join mailboxes on split_part(unioned.person_email, '@', 1) = mailboxes.mailbox

)

select * from final
