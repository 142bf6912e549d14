with

daily as (

    select * from {{ ref('funnel_steps_daily') }}

),

entries as (

    select * from {{ ref('fct_stage_entries') }}

),

steps as (

    select * from {{ ref('funnel_steps') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

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

-- the period view sets what left a stage against what entered it, whoever they are
events as (

    select counting_unit, stage, 'reached' as counting, reached_date as event_date, rep_id, team_id, segment, channel, product from entries
    union all
    select counting_unit, stage, 'strict' as counting, strict_date as event_date, rep_id, team_id, segment, channel, product from entries
    where strict_date is not null

),

event_steps as (

    select
        'period' as view,
        steps.from_stage,
        steps.to_stage,
        events.counting,
        events.counting_unit,
        events.event_date,
        events.rep_id,
        events.team_id,
        events.segment,
        events.channel,
        events.product,
        case when events.stage = steps.from_stage then 1 else 0 end as entrants_count,
        case when events.stage = steps.to_stage then 1 else 0 end as converted_count,
        case when events.stage = steps.to_stage then 1 else 0 end as converted_to_date_count

    from steps
    cross join clocks
    inner join stages on steps.from_stage = stages.stage
    inner join events
        on
            stages.counting_unit = events.counting_unit
            and (events.stage = steps.from_stage or events.stage = steps.to_stage)
            and events.event_date <= clocks.as_of_date

),

atoms as (

    select 'cohort' as view, from_stage, to_stage, counting, counting_unit, entered_date as event_date, rep_id, team_id, segment, channel, product, entrants_count, converted_count, converted_to_date_count
    from daily
    union all
    select * from event_steps

),

scoped as (

    select
        view,
        from_stage,
        to_stage,
        counting,
        counting_unit,
        event_date,
        {{ scope_columns() }},
        sum(entrants_count) as entrants_count,
        sum(converted_count) as converted_count,
        sum(converted_to_date_count) as converted_to_date_count

    from atoms
    group by {{ scope_grouping_sets(['view', 'from_stage', 'to_stage', 'counting', 'counting_unit', 'event_date']) }}

),

summed as (

    select
        scoped.view,
        periods.period_grain,
        periods.period_start_date,
        periods.period_end_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.from_stage,
        scoped.to_stage,
        scoped.counting,
        scoped.counting_unit,
        sum(scoped.entrants_count) as entrants_count,
        sum(scoped.converted_count) as converted_count,
        sum(scoped.converted_to_date_count) as converted_to_date_count

    from scoped
    inner join dates on scoped.event_date = dates.date_day
    inner join periods on {{ in_period('dates', 'periods') }}
    group by
        scoped.view, periods.period_grain, periods.period_start_date, periods.period_end_date, scoped.scope_type, scoped.scope_id,
        scoped.from_stage, scoped.to_stage, scoped.counting, scoped.counting_unit

    union all

    select
        scoped.view,
        'all' as period_grain,
        min(min(scoped.event_date)) over () as period_start_date,
        max(clocks.as_of_date) as period_end_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.from_stage,
        scoped.to_stage,
        scoped.counting,
        scoped.counting_unit,
        sum(scoped.entrants_count) as entrants_count,
        sum(scoped.converted_count) as converted_count,
        sum(scoped.converted_to_date_count) as converted_to_date_count

    from scoped
    cross join clocks
    group by scoped.view, scoped.scope_type, scoped.scope_id, scoped.from_stage, scoped.to_stage, scoped.counting, scoped.counting_unit

),

final as (

    select
        summed.view,
        summed.period_grain,
        summed.period_start_date,
        summed.scope_type,
        summed.scope_id,
        summed.from_stage,
        summed.to_stage,
        summed.counting,
        summed.counting_unit,
        cast(summed.entrants_count as bigint) as entrants_count,
        cast(summed.converted_count as bigint) as converted_count,
        cast(summed.converted_to_date_count as bigint) as converted_to_date_count,
        cast(summed.converted_count as double) / nullif(summed.entrants_count, 0) as conversion_rate,
        cast(summed.converted_to_date_count as double) / nullif(summed.entrants_count, 0) as conversion_to_date_rate,
        case when summed.view = 'cohort' then {{ wilson_bound('summed.converted_count', 'summed.entrants_count', 'low') }} end as ci_low,
        case when summed.view = 'cohort' then {{ wilson_bound('summed.converted_count', 'summed.entrants_count', 'high') }} end as ci_high,
        windows.window_days,
        summed.view = 'period' or summed.period_end_date + cast(windows.window_days as integer) <= clocks.as_of_date as is_mature

    from summed
    cross join clocks
    inner join dates on summed.period_start_date = dates.date_day
    inner join windows
        on
            dates.fiscal_year = windows.fiscal_year
            and summed.from_stage = windows.from_stage
            and summed.to_stage = windows.to_stage

)

select * from final
