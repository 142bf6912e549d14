-- Records that share an e-mail address or a link are one person, however long the chain between them.
with

people as (

    select * from {{ ref('int_people__unioned') }}

),

identified as (

    select * from {{ ref('int_people__identified') }}

),

-- an address held by two persons
torn_addresses as (

    select
        person_email as torn,
        count(distinct contact_id) as persons_count

    from identified
    where person_email is not null
    group by person_email

),

-- a link between two persons
torn_links as (

    select
        people.person_source_id as torn,
        count(distinct ends.contact_id) as persons_count

    from people
    inner join identified as ends
        on ends.person_source_id in (people.person_source_id, people.linked_person_source_id)
    where people.linked_person_source_id is not null and not people.is_deleted
    group by people.person_source_id

),

final as (

    select * from torn_addresses
    where persons_count > 1

    union all

    select * from torn_links
    where persons_count > 1

)

select * from final
