with

calls as (

    select * from {{ ref('stg_hubspot__calls') }}

),

emails as (

    select * from {{ ref('stg_hubspot__emails') }}

),

meetings as (

    select * from {{ ref('stg_hubspot__meetings') }}

),

associations as (

    {{ current_rows('hubspot', 'engagement_contacts') }}

),

logged as (

    select source_instance, activity_id, contact_ids from calls
    union all
    select source_instance, activity_id, contact_ids from emails
    union all
    select source_instance, activity_id, contact_ids from meetings

),

listed as (

    {{ split_ids('logged', ['source_instance', 'activity_id'], 'contact_ids', 'contact_id') }}

),

final as (

    select
        activity_id,
        source_instance || ':' || contact_id as person_source_id

    from listed

    union

    select
        {{ source_id('engagement_id') }} as activity_id,
        {{ source_id('contact_id') }} as person_source_id

    from associations
    where not _is_gone

)

select * from final
