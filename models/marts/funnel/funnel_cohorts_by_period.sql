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

scoped as (

    select
        cohort_stage,
        stage,
        counting,
        counting_unit,
        entered_date,
        {{ scope_columns() }},
        sum(reached_count) as reached_count,
        sum(without_lead_count) as without_lead_count

    from daily
    group by {{ scope_grouping_sets(['cohort_stage', 'stage', 'counting', 'counting_unit', 'entered_date']) }}

),

final as (

    select
        scoped.cohort_stage,
        periods.period_grain,
        periods.period_start_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.stage,
        scoped.counting,
        scoped.counting_unit,
        cast(sum(scoped.reached_count) as bigint) as reached_count,
        cast(sum(scoped.without_lead_count) as bigint) as without_lead_count

    from scoped
    inner join dates on scoped.entered_date = dates.date_day
    inner join periods on {{ in_period('dates', 'periods') }}
    group by
        scoped.cohort_stage, periods.period_grain, periods.period_start_date, scoped.scope_type, scoped.scope_id, scoped.stage,
        scoped.counting, scoped.counting_unit

)

select * from final
