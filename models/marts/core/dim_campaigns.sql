with

spend as (

    select * from {{ ref('int_ad_spend__unioned') }}

),

final as (

    select
        campaign_id,
        source_system,
        source_instance,
        max_by(campaign_name, spend_date) as campaign_name,
        max_by(channel, spend_date) as channel

    from spend
    group by campaign_id, source_system, source_instance

)

select * from final
