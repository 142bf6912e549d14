-- Records that share an e-mail address of a person's own, or a link, are one person, however long the chain between them;
-- accounts that share a company's domain are one.
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
        people.own_email as torn,
        count(distinct identified.contact_id) as persons_count

    from people
    inner join identified on people.person_source_id = identified.person_source_id
    where people.own_email is not null
    group by people.own_email

),

-- a link between two persons
torn_links as (

    select
        people.person_source_id as torn,
        2 as persons_count

    from people
    inner join identified on people.person_source_id = identified.person_source_id
    inner join identified as linked on people.linked_person_source_id = linked.person_source_id
    where not people.is_deleted and identified.contact_id <> linked.contact_id

),

torn_domains as (

    select
        accounts.company_domain as torn,
        count(distinct identified_accounts.account_id) as persons_count

    from {{ ref('int_accounts__unioned') }} as accounts
    inner join {{ ref('int_accounts__identified') }} as identified_accounts
        on accounts.account_source_id = identified_accounts.account_source_id
    where accounts.company_domain is not null
    group by accounts.company_domain

),

final as (

    select * from torn_addresses
    where persons_count > 1

    union all

    select * from torn_links
    where persons_count > 1

    union all

    select * from torn_domains
    where persons_count > 1

)

select * from final
