with

origins as (

    select * from {{ ref('forecast_origins') }}

),

open_deals as (

    select * from {{ ref('forecast_open_deals') }}

),

bookings as (

    select
        *,
        {{ local_date('event_at') }} as entered_date

    from {{ ref('fct_bookings') }}
    where opportunity_type <> 'renewal' and booking_amount is not null

),

first_facts as (
    {{ first_date_of({'fct_pipeline_spells': 'from_date', 'fct_bookings': 'booking_date'}) }}

),

learnt_days as (

    select dates.date_day
    from {{ ref('dim_dates') }} as dates
    inner join first_facts on dates.date_day >= first_facts.first_date
    where {{ is_learnt_from('dates.date_day') }}

),

-- what the open deals of a day could not tell: booked after it on deals made later, without an amount, reopened or amended
untold as (

    select
        learnt_days.date_day as observed_date,
        bookings.rep_id,
        bookings.team_id,
        bookings.segment,
        bookings.channel,
        bookings.product,
        bookings.booking_date,
        bookings.entered_date,
        bookings.booking_amount

    from bookings
    inner join learnt_days on learnt_days.date_day between bookings.booking_date - 92 and bookings.booking_date - 1
    left join open_deals
        on
            bookings.opportunity_id = open_deals.opportunity_id
            and learnt_days.date_day = open_deals.observed_date
            and open_deals.open_amount is not null
    where open_deals.opportunity_id is null

),

spans as (

    select
        origins.as_of_date,
        origins.period_grain,
        origins.period_start_date,
        origins.horizon_days,
        count(*) as days_count

    from origins
    inner join learnt_days
        on
            learnt_days.date_day <= origins.as_of_date - cast(origins.horizon_days as integer)
            and learnt_days.date_day > origins.as_of_date - cast(origins.horizon_days as integer) - {{ var('forecast_flow_days') }}
    group by origins.as_of_date, origins.period_grain, origins.period_start_date, origins.horizon_days

),

present_reps as (

    select observed_date as as_of_date, rep_id
    from open_deals
    where is_forecast
    group by observed_date, rep_id

),

-- what those brought who have no deal any more is not theirs to bring
final as (

    select
        spans.as_of_date,
        spans.period_grain,
        spans.period_start_date,
        coalesce(present_reps.rep_id, 'unallocated') as rep_id,
        untold.team_id,
        untold.segment,
        untold.channel,
        untold.product,
        cast(sum(untold.booking_amount) as double) / max(spans.days_count) as expected_amount,
        cast(sum(cast(untold.booking_amount as double) * untold.booking_amount) as double) / max(spans.days_count) as variance

    from spans
    inner join untold
        on
            untold.observed_date <= spans.as_of_date - cast(spans.horizon_days as integer)
            and untold.observed_date > spans.as_of_date - cast(spans.horizon_days as integer) - {{ var('forecast_flow_days') }}
            and untold.booking_date <= untold.observed_date + cast(spans.horizon_days as integer)
            and untold.entered_date <= spans.as_of_date
    left join present_reps
        on
            spans.as_of_date = present_reps.as_of_date
            and untold.rep_id = present_reps.rep_id
    group by
        spans.as_of_date, spans.period_grain, spans.period_start_date, coalesce(present_reps.rep_id, 'unallocated'), untold.team_id,
        untold.segment, untold.channel, untold.product

)

select * from final
