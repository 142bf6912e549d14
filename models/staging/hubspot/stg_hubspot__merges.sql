with

contacts as (

    select * from {{ ref('stg_hubspot__contacts') }}

),

companies as (

    select * from {{ ref('stg_hubspot__companies') }}

),

deals as (

    select * from {{ ref('stg_hubspot__deals') }}

),

merged_deals as (

    {{ current_rows('hubspot', 'merged_deals') }}

),

merged_contacts as (

    {{ current_rows('hubspot', 'merged_contacts') }}

),

contact_lists as (

    {{ split_ids('contacts', ['source_instance', 'person_source_id'], 'merged_ids', 'merged_id') }}

),

company_lists as (

    {{ split_ids('companies', ['source_instance', 'account_source_id'], 'merged_ids', 'merged_id') }}

),

deal_lists as (

    {{ split_ids('deals', ['source_instance', 'opportunity_id'], 'merged_ids', 'merged_id') }}

),

final as (

    select 'person' as entity, source_instance || ':' || merged_id as merged_source_id, person_source_id as kept_source_id from contact_lists
    union
    select 'person' as entity, {{ source_id('vid_to_merge') }} as merged_source_id, {{ source_id('canonical_vid') }} as kept_source_id from merged_contacts
    union
    select 'account' as entity, source_instance || ':' || merged_id as merged_source_id, account_source_id as kept_source_id from company_lists
    union
    select 'opportunity' as entity, source_instance || ':' || merged_id as merged_source_id, opportunity_id as kept_source_id from deal_lists
    union
    select 'opportunity' as entity, {{ source_id('merged_deal_id') }} as merged_source_id, {{ source_id('deal_id') }} as kept_source_id from merged_deals

)

select * from final
