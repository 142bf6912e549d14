-- Of a fixed cohort no more records have reached a stage than the one before it, and the rates of the steps so far
-- multiply to the cumulative rate.
with

cohorts as (

    select * from {{ ref('funnel_cohorts') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

chained as (

    select
        cohorts.*,
        lag(cohorts.reached_count) over so_far as previous_count,
        lag(cohorts.cumulative_rate) over so_far as previous_rate

    from cohorts
    inner join stages on cohorts.stage = stages.stage
    window so_far as (
        partition by
            cohorts.cohort_stage, cohorts.period_grain, cohorts.period_start_date, cohorts.scope_type, cohorts.scope_id,
            cohorts.counting
        order by stages.position
    )

),

final as (

    select *

    from chained
    where
        reached_count > previous_count
        or abs(previous_rate * step_rate - cumulative_rate) > 0.000000001

)

select * from final
