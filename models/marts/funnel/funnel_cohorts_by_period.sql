with

daily as (

    select * from {{ ref('funnel_cohorts_daily') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

period_days as (

    {{ days_of_periods() }}

),

stretches as (

    {{ starts_of_stretches() }}

),

scoped as (

    select
        daily.cohort_stage,
        daily.stage,
        daily.counting,
        daily.counting_unit,
        stretches.stretch_start_date,
        {{ scope_columns() }},
        sum(daily.reached_count) as reached_count,
        sum(daily.without_lead_count) as without_lead_count

    from daily
    inner join stretches on daily.entered_date = stretches.date_day
    group by {{ scope_grouping_sets(['cohort_stage', 'stage', 'counting', 'counting_unit', 'stretch_start_date']) }}

),

final as (

    select
        scoped.cohort_stage,
        period_days.period_grain,
        period_days.period_start_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.stage,
        scoped.counting,
        scoped.counting_unit,
        cast(sum(scoped.reached_count) as bigint) as reached_count,
        cast(sum(scoped.without_lead_count) as bigint) as without_lead_count

    from scoped
    inner join period_days on scoped.stretch_start_date = period_days.date_day
    group by
        scoped.cohort_stage, period_days.period_grain, period_days.period_start_date, scoped.scope_type, scoped.scope_id, scoped.stage,
        scoped.counting, scoped.counting_unit

)

select * from final
