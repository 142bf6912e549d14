with

origins as (

    select * from {{ ref('forecast_origins') }}

),

open_deals as (

    select * from {{ ref('forecast_open_deals') }}
    where is_forecast

),

precedents as (

    select * from {{ ref('forecast_precedents') }}

),

chances as (

    select * from {{ ref('forecast_chances') }}

),

-- how much more, or less, a rep won than deals of these kinds are won by all; of little seen little is made
reps as (

    select
        precedents.as_of_date,
        precedents.period_grain,
        precedents.rep_id,
        (sum(precedents.won_count) + {{ var('forecast_rep_count') }})
        / ({{ exact_sum('precedents.seen_count * chances.win_rate') }} + cast({{ var('forecast_rep_count') }} as double)) as rep_factor

    from precedents
    inner join chances
        on
            precedents.as_of_date = chances.as_of_date
            and precedents.period_grain = chances.period_grain
            and precedents.opportunity_type = chances.opportunity_type
            and precedents.stage = chances.stage
            and precedents.source_stage = chances.source_stage
            and precedents.since_days = chances.since_days
            and precedents.due_class = chances.due_class
    group by precedents.as_of_date, precedents.period_grain, precedents.rep_id

),

forecast as (

    select
        origins.as_of_date,
        origins.period_grain,
        origins.period_start_date,
        origins.period_end_date,
        open_deals.*,
        {{ due_class('open_deals.close_date', 'open_deals.observed_date', 'origins.horizon_days') }} as due_class

    from origins
    inner join open_deals on origins.as_of_date = open_deals.observed_date

),

final as (

    select
        forecast.as_of_date,
        forecast.period_grain,
        forecast.period_start_date,
        forecast.opportunity_id,
        forecast.history_basis,
        forecast.rep_id,
        forecast.team_id,
        forecast.segment,
        forecast.channel,
        forecast.product,
        forecast.stage,
        forecast.since_days,
        forecast.due_class,
        forecast.close_date between forecast.period_start_date and forecast.period_end_date as is_due,
        forecast.open_amount,
        chances.win_rate,
        reps.rep_factor,
        cast(least(0.95, chances.win_rate * reps.rep_factor) as double) as win_chance

    from forecast
    inner join chances
        on
            forecast.as_of_date = chances.as_of_date
            and forecast.period_grain = chances.period_grain
            and forecast.opportunity_type = chances.opportunity_type
            and forecast.stage = chances.stage
            and forecast.source_stage = chances.source_stage
            and forecast.since_days = chances.since_days
            and forecast.due_class = chances.due_class
    inner join reps
        on
            forecast.as_of_date = reps.as_of_date
            and forecast.period_grain = reps.period_grain
            and forecast.rep_id = reps.rep_id

)

select * from final
