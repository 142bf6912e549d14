with

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

final as (

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

)

select * from final
