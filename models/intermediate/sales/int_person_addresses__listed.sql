with

hubspot as (

    select * from {{ ref('stg_hubspot__contacts') }}
    where not is_deleted

),

pipedrive as (

    select * from {{ ref('stg_pipedrive__persons') }}
    where not is_deleted

),

mailboxes as (

    select * from {{ ref('shared_mailboxes') }}

),

listed as (

    {{ split_ids('hubspot', ['person_source_id'], 'other_emails', 'address') }}
    union all
    {{ split_ids('pipedrive', ['person_source_id'], 'other_emails', 'address') }}

),

final as (

    select
        listed.person_source_id,
        listed.address as own_email

    from listed
    left join mailboxes on split_part(listed.address, '@', 1) = mailboxes.mailbox
    where listed.address like '%_@_%' and mailboxes.mailbox is null
    group by listed.person_source_id, listed.address

)

select * from final
