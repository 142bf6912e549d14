with

spells as (

    select * from {{ ref('fct_pipeline_spells') }}
    where opportunity_type <> 'renewal'

),

origins as (

    select * from {{ ref('forecast_origins') }}
    where period_grain = 'month'

),

dates as (

    select * from {{ ref('dim_dates') }}

),

bookings as (

    select
        *,
        {{ local_date('event_at') }} as entered_date

    from {{ ref('fct_bookings') }}
    where event_type = 'win'

),

-- forecasts are made on some days, and learnt from every sixth, so that each weekday has its turn
days as (

    select
        dates.date_day as observed_date,
        {{ is_learnt_from('dates.date_day') }} as is_learnt_from,
        origins.as_of_date is not null as is_forecast

    from dates
    left join origins on dates.date_day = origins.as_of_date
    where {{ is_learnt_from('dates.date_day') }} or origins.as_of_date is not null

),

observed as (

    select
        days.observed_date,
        days.is_learnt_from,
        days.is_forecast,
        spells.opportunity_id,
        spells.opportunity_type,
        spells.rep_id,
        spells.team_id,
        spells.segment,
        spells.channel,
        spells.product,
        -- the day a deal closed in the end was no close date of it before
        case when days.observed_date >= spells.told_from_date then spells.told_close_date end as close_date,
        spells.open_amount,
        spells.history_basis,
        -- a stage that only today's export tells was another one then
        coalesce(days.observed_date >= spells.history_from_date, false) as is_known,
        spells.stage,
        coalesce(spells.source_stage, spells.stage) as source_stage,
        spells.stage_from_date,
        spells.created_date

    from spells
    inner join days on days.observed_date between spells.from_date and spells.to_date
    where spells.status = 'open'

),

next_wins as (

    select
        observed.opportunity_id,
        observed.observed_date,
        min_by(bookings.booking_date, bookings.event_at) as booking_date,
        min(bookings.entered_date) as entered_date

    from observed
    inner join bookings
        on
            observed.opportunity_id = bookings.opportunity_id
            and bookings.entered_date > observed.observed_date
    group by observed.opportunity_id, observed.observed_date

),

final as (

    select
        observed.observed_date,
        observed.opportunity_id,
        observed.is_learnt_from,
        observed.is_forecast,
        observed.history_basis,
        observed.opportunity_type,
        observed.rep_id,
        observed.team_id,
        observed.segment,
        observed.channel,
        observed.product,
        case when observed.is_known then observed.stage else 'unknown' end as stage,
        case when observed.is_known then observed.source_stage else 'unknown' end as source_stage,
        {{ age_band("date_diff('day', case when observed.is_known then observed.stage_from_date else observed.created_date end, observed.observed_date)") }}
            as since_days,
        observed.close_date,
        observed.open_amount,
        next_wins.booking_date as next_win_date,
        next_wins.entered_date as next_win_entered_date

    from observed
    left join next_wins
        on
            observed.opportunity_id = next_wins.opportunity_id
            and observed.observed_date = next_wins.observed_date

)

select * from final
