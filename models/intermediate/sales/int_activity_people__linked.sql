with

identified as (

    select * from {{ ref('int_people__identified') }}

),

hubspot_contacts as (

    select * from {{ ref('stg_hubspot__activity_contacts') }}

),

by_person as (
    {{ union_by_name(
        ['stg_salesforce__tasks', 'stg_salesforce__events', 'stg_pipedrive__activities', 'stg_custom__activities'],
        ['activity_id', 'person_source_id']
    ) }}

),

by_address as (
    {{ union_by_name(['stg_hubspot__activities', 'stg_custom__activities'], ['activity_id', 'contact_email']) }}

),

addresses as (

    select
        person_email,
        min(contact_id) as contact_id

    from identified
    where person_email is not null
    group by person_email
    -- a mailbox several people read tells none of them
    having count(distinct contact_id) = 1

),

final as (

    select hubspot_contacts.activity_id, identified.contact_id
    from hubspot_contacts
    inner join identified on hubspot_contacts.person_source_id = identified.person_source_id
    union
    select by_person.activity_id, identified.contact_id
    from by_person
    inner join identified on by_person.person_source_id = identified.person_source_id
    union
    select by_address.activity_id, addresses.contact_id
    from by_address
    inner join addresses on by_address.contact_email = addresses.person_email

)

select * from final
