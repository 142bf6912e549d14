with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

identified_accounts as (

    select * from {{ ref('int_accounts__identified') }}

),

people as (

    select * from {{ ref('int_people__unioned') }}

),

identified_people as (

    select * from {{ ref('int_people__identified') }}

),

final as (

    select
        'account' as entity,
        accounts.account_source_id as record_id,
        accounts.source_system,
        accounts.source_instance,
        identified_accounts.account_id as identity_id,
        false as is_prospect,
        case
            when accounts.domain is null then 'no_domain'
            when accounts.company_domain is null then 'free_mail'
            else 'unknown_domain'
        end as unmatched_reason

    from accounts
    inner join identified_accounts on accounts.account_source_id = identified_accounts.account_source_id
    where not accounts.is_deleted

    union all

    select
        'person' as entity,
        people.person_source_id as record_id,
        people.source_system,
        people.source_instance,
        identified_people.contact_id as identity_id,
        people.person_kind = 'prospect' as is_prospect,
        case
            when people.person_email is null then 'no_email'
            when people.own_email is null then 'shared_mailbox'
            else 'unknown_email'
        end as unmatched_reason

    from people
    inner join identified_people on people.person_source_id = identified_people.person_source_id
    where not people.is_deleted

)

select * from final
