with

deals as (

    select * from {{ ref('stg_hubspot__deals') }}

),

associations as (

    {{ current_rows('hubspot', 'deal_contacts') }}

),

listed as (

    {{ split_ids('deals', ['source_instance', 'opportunity_id'], 'contact_ids', 'contact_id') }}

),

final as (

    select
        opportunity_id,
        source_instance || ':' || contact_id as person_source_id

    from listed

    union

    select
        {{ source_id('deal_id') }} as opportunity_id,
        {{ source_id('contact_id') }} as person_source_id

    from associations
    where not _is_gone

)

select * from final
