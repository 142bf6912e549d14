-- A cohort of the whole company is that of its reps, of its teams, of its segments, of its channels and of its products.
with

cohorts as (

    select * from {{ ref('funnel_cohorts') }}

),

summed as (

    select
        cohort_stage,
        period_grain,
        period_start_date,
        stage,
        counting,
        scope_type,
        sum(reached_count) as reached_count,
        sum(without_lead_count) as without_lead_count

    from cohorts
    group by cohort_stage, period_grain, period_start_date, stage, counting, scope_type

),

final as (

    select
        company.*,
        parts.scope_type as parts_type,
        parts.reached_count as parts_reached_count,
        parts.without_lead_count as parts_without_lead_count

    from summed as company
    inner join summed as parts
        on
            company.cohort_stage = parts.cohort_stage
            and company.period_grain = parts.period_grain
            and company.period_start_date = parts.period_start_date
            and company.stage = parts.stage
            and company.counting = parts.counting
    where
        company.scope_type = 'company'
        and (company.reached_count <> parts.reached_count or company.without_lead_count <> parts.without_lead_count)

)

select * from final
