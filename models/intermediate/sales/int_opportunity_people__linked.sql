with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

identified as (

    select * from {{ ref('int_people__identified') }}

),

people as (

    select * from {{ ref('int_people__conformed') }}

),

hubspot as (

    select * from {{ ref('stg_hubspot__deals') }}

),

contacts as (

    select * from {{ ref('int_opportunity_contacts__unioned') }}

),

by_email as (

    select
        hubspot.opportunity_id,
        min(identified.contact_id) as contact_id

    from hubspot
    inner join identified on hubspot.contact_email = identified.person_email
    group by hubspot.opportunity_id
    -- a mailbox several people read tells none of them
    having count(distinct identified.contact_id) = 1

),

linked as (

    select contacts.opportunity_id, identified.contact_id
    from contacts
    inner join identified on contacts.person_source_id = identified.person_source_id
    union
    select opportunity_id, contact_id
    from by_email

),

-- of several people the one who was qualified first is credited, and nobody who is left out of the funnel
final as (

    select
        linked.opportunity_id,
        linked.contact_id,
        people.exclusion_rule_id is null and row_number() over (
            partition by linked.opportunity_id, people.exclusion_rule_id is null
            order by
                people.sql_at asc nulls last,
                people.mql_at asc nulls last,
                people.lead_at asc nulls last,
                linked.contact_id asc
        ) = 1 as is_credited

    from linked
    inner join opportunities on linked.opportunity_id = opportunities.opportunity_id
    inner join people on linked.contact_id = people.contact_id

)

select * from final
