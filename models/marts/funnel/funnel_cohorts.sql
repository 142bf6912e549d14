with

summed as (

    select * from {{ ref('funnel_cohorts_by_period') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

-- every cohort has a row for every stage after its own: what nobody of it reached is nought, not absent
cohorts as (

    select
        cohort_stage,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        counting,
        counting_unit

    from summed
    group by cohort_stage, period_grain, period_start_date, scope_type, scope_id, counting, counting_unit

),

filled as (

    select
        cohorts.cohort_stage,
        cohorts.period_grain,
        cohorts.period_start_date,
        cohorts.scope_type,
        cohorts.scope_id,
        cohorts.counting,
        cohorts.counting_unit,
        stages.stage,
        stages.position,
        coalesce(summed.reached_count, 0) as reached_count,
        coalesce(summed.without_lead_count, 0) as without_lead_count

    from cohorts
    inner join stages as cohort_stages on cohorts.cohort_stage = cohort_stages.stage
    inner join stages
        on
            cohort_stages.position <= stages.position
            and stages.counting_unit in ('person', 'opportunity')
    left join summed
        on
            cohorts.cohort_stage = summed.cohort_stage
            and cohorts.period_grain = summed.period_grain
            and cohorts.period_start_date = summed.period_start_date
            and cohorts.scope_type = summed.scope_type
            and cohorts.scope_id = summed.scope_id
            and cohorts.counting = summed.counting
            and stages.stage = summed.stage

),

final as (

    select
        cohort_stage,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        stage,
        counting,
        counting_unit,
        cast(reached_count as bigint) as reached_count,
        cast(reached_count as double) / nullif(lag(reached_count) over stages_of_cohort, 0) as step_rate,
        cast(reached_count as double) / nullif(first_value(reached_count) over stages_of_cohort, 0) as cumulative_rate,
        cast(without_lead_count as bigint) as without_lead_count

    from filled
    window stages_of_cohort as (
        partition by cohort_stage, period_grain, period_start_date, scope_type, scope_id, counting
        order by position
    )

)

select * from final
