with

daily as (

    select * from {{ ref('funnel_steps_daily') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

windows as (

    select * from {{ ref('funnel_windows') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

period_days as (

    {{ days_of_periods() }}

),

stretches as (

    {{ starts_of_stretches() }}

),

scoped as (

    select
        daily.view,
        daily.from_stage,
        daily.to_stage,
        daily.counting,
        daily.counting_unit,
        stretches.stretch_start_date,
        {{ scope_columns() }},
        min(daily.entered_date) as first_entered_date,
        sum(daily.entrants_count) as entrants_count,
        sum(daily.converted_count) as converted_count,
        sum(daily.converted_to_date_count) as converted_to_date_count,
        sum(daily.lost_to_date_count) as lost_to_date_count,
        sum(daily.expected_count) as expected_count

    from daily
    -- a day outside of the calendar is in all that is known
    left join stretches on daily.entered_date = stretches.date_day
    group by {{ scope_grouping_sets(['view', 'from_stage', 'to_stage', 'counting', 'counting_unit', 'stretch_start_date']) }}

),

dated as (

    select
        scoped.*,
        period_days.period_grain,
        period_days.period_start_date,
        period_days.period_end_date,
        period_days.observed_until_date

    from scoped
    inner join period_days on scoped.stretch_start_date = period_days.date_day

    union all

    select
        scoped.*,
        'all' as period_grain,
        min(scoped.first_entered_date) over () as period_start_date,
        clocks.as_of_date as period_end_date,
        clocks.as_of_date as observed_until_date

    from scoped
    cross join clocks

),

summed as (

    select
        view,
        period_grain,
        period_start_date,
        period_end_date,
        observed_until_date,
        scope_type,
        scope_id,
        from_stage,
        to_stage,
        counting,
        counting_unit,
        sum(entrants_count) as entrants_count,
        sum(converted_count) as converted_count,
        sum(converted_to_date_count) as converted_to_date_count,
        sum(lost_to_date_count) as lost_to_date_count,
        sum(expected_count) as expected_count

    from dated
    group by
        view, period_grain, period_start_date, period_end_date, observed_until_date, scope_type, scope_id, from_stage,
        to_stage, counting, counting_unit

),

final as (

    select
        summed.view,
        summed.period_grain,
        summed.period_start_date,
        summed.period_end_date,
        summed.scope_type,
        summed.scope_id,
        summed.from_stage,
        summed.to_stage,
        summed.counting,
        summed.counting_unit,
        cast(summed.entrants_count as bigint) as entrants_count,
        cast(summed.converted_count as bigint) as converted_count,
        cast(summed.converted_to_date_count as bigint) as converted_to_date_count,
        cast(summed.lost_to_date_count as bigint) as lost_to_date_count,
        cast(summed.expected_count as decimal(24, 9)) as expected_count,
        windows.window_days,
        summed.view = 'period' or summed.period_end_date + cast(windows.window_days as integer) <= clocks.as_of_date as is_mature

    from summed
    cross join clocks
    -- a week at the turn of the year is given the time of the year it ends in
    inner join dates on summed.observed_until_date = dates.date_day
    inner join windows
        on
            dates.fiscal_year = windows.fiscal_year
            and summed.from_stage = windows.from_stage
            and summed.to_stage = windows.to_stage

)

select * from final
