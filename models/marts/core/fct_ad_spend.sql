with

spend as (

    select * from {{ ref('int_ad_spend__unioned') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

-- reports split a campaign's day by device and network
daily as (

    select
        source_system,
        source_instance,
        campaign_id,
        channel,
        spend_date,
        currency_code,
        sum(cost_local) as cost_local,
        sum(impressions_count) as impressions_count,
        sum(clicks_count) as clicks_count,
        sum(conversions) as conversions

    from spend
    group by source_system, source_instance, campaign_id, channel, spend_date, currency_code

),

final as (

    select
        daily.spend_date,
        daily.campaign_id,
        daily.source_system,
        daily.source_instance,
        daily.channel,
        daily.currency_code,
        cast(daily.cost_local as decimal(18, 6)) as cost_local,
        {{ in_reporting_currency('daily.cost_local', 'daily.currency_code', 'rates.rate') }} as cost_amount,
        cast(daily.impressions_count as bigint) as impressions_count,
        cast(daily.clicks_count as bigint) as clicks_count,
        cast(daily.conversions as double) as conversions

    from daily
    left join rates
        on
            daily.currency_code = rates.currency_code
            and daily.spend_date = rates.rate_date

)

select * from final
