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

merged_records as (

    select * from {{ ref('int_merges__resolved') }}
    where entity = 'opportunity'

),

custom_leads as (

    select * from {{ ref('stg_custom__leads') }}

),

unioned as (

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

-- a deal merged into another one is that deal
final as (

    select
        coalesce(merged_records.kept_source_id, unioned.opportunity_id) as opportunity_id,
        unioned.person_source_id

    from unioned
    left join merged_records on unioned.opportunity_id = merged_records.merged_source_id
    group by coalesce(merged_records.kept_source_id, unioned.opportunity_id), unioned.person_source_id

)

select * from final
