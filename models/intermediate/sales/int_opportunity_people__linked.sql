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

hubspot_contacts as (

    select * from {{ ref('stg_hubspot__deal_contacts') }}

),

salesforce_contacts as (

    select * from {{ ref('stg_salesforce__opportunity_contacts') }}

),

salesforce_leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

pipedrive as (

    select * from {{ ref('stg_pipedrive__deals') }}

),

custom_deals as (

    select * from {{ ref('stg_custom__deals') }}

),

custom_leads as (

    select * from {{ ref('stg_custom__leads') }}

),

by_record as (

    select opportunity_id, person_source_id from hubspot_contacts
    union
    select opportunity_id, person_source_id from salesforce_contacts where not is_deleted
    union
    select converted_opportunity_id as opportunity_id, person_source_id from salesforce_leads where converted_opportunity_id is not null
    union
    select opportunity_id, person_source_id from pipedrive where person_source_id is not null
    union
    select opportunity_id, person_source_id from custom_deals where person_source_id is not null
    union
    select opportunity_id, lead_source_id as person_source_id from custom_deals where lead_source_id is not null
    union
    select converted_opportunity_id as opportunity_id, person_source_id from custom_leads where converted_opportunity_id is not null

),

by_email as (

    select
        hubspot.opportunity_id,
        min(identified.contact_id) as contact_id

    from hubspot
    inner join identified on hubspot.contact_email = identified.person_email
    group by hubspot.opportunity_id

),

linked as (

    select by_record.opportunity_id, identified.contact_id
    from by_record
    inner join identified on by_record.person_source_id = identified.person_source_id
    union
    select opportunity_id, contact_id
    from by_email

),

-- of several people the one who was qualified first is credited
final as (

    select
        linked.opportunity_id,
        linked.contact_id,
        row_number() over (
            partition by linked.opportunity_id
            order by
                people.sql_at asc nulls last,
                people.mql_at asc nulls last,
                people.lead_at asc nulls last,
                linked.contact_id
        ) = 1 as is_credited

    from linked
    inner join opportunities on linked.opportunity_id = opportunities.opportunity_id
    inner join people on linked.contact_id = people.contact_id

)

select * from final
