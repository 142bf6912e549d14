with

associations as (

    {{ current_rows('hubspot', 'engagement_deals') }}

),

final as (

    select
        {{ source_id('engagement_id') }} as activity_id,
        -- an activity counts for one deal; of several the order is not told
        min({{ source_id('deal_id') }}) as opportunity_id

    from associations
    where not _is_gone
    group by {{ source_id('engagement_id') }}

)

select * from final
