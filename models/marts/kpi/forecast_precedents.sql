with

origins as (

    select * from {{ ref('forecast_origins') }}

),

open_deals as (

    select * from {{ ref('forecast_open_deals') }}

),

-- whoever was open in the two years up to the horizon before, and what became of them as far as the day of the forecast knows
compared as (

    select
        origins.as_of_date,
        origins.period_grain,
        open_deals.opportunity_type,
        open_deals.stage,
        open_deals.source_stage,
        open_deals.since_days,
        {{ due_class('open_deals.close_date', 'open_deals.observed_date', 'origins.horizon_days') }} as due_class,
        open_deals.rep_id,
        1 as seen_count,
        case
            when
                open_deals.next_win_date > open_deals.observed_date
                and open_deals.next_win_date <= open_deals.observed_date + cast(origins.horizon_days as integer)
                and open_deals.next_win_entered_date <= origins.as_of_date
                then 1
            else 0
        end as won_count

    from origins
    inner join open_deals
        on
            open_deals.is_learnt_from
            and open_deals.observed_date <= origins.as_of_date - cast(origins.horizon_days as integer)
            and open_deals.observed_date > origins.as_of_date - cast(origins.horizon_days as integer) - {{ var('forecast_history_days') }}

    union all

    -- the deals to forecast, without weight, so that there is a kind for each
    select
        origins.as_of_date,
        origins.period_grain,
        open_deals.opportunity_type,
        open_deals.stage,
        open_deals.source_stage,
        open_deals.since_days,
        {{ due_class('open_deals.close_date', 'open_deals.observed_date', 'origins.horizon_days') }} as due_class,
        open_deals.rep_id,
        0 as seen_count,
        0 as won_count

    from origins
    inner join open_deals
        on
            open_deals.is_forecast
            and origins.as_of_date = open_deals.observed_date

),

final as (

    select
        as_of_date,
        period_grain,
        opportunity_type,
        stage,
        source_stage,
        since_days,
        due_class,
        rep_id,
        cast(sum(seen_count) as bigint) as seen_count,
        cast(sum(won_count) as bigint) as won_count

    from compared
    group by as_of_date, period_grain, opportunity_type, stage, source_stage, since_days, due_class, rep_id

)

select * from final
