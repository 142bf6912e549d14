with

times as (

    select * from {{ ref('funnel_stage_times_by_period') }}

),

per_time as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        stage,
        stage_days,
        count(*) as records_count,
        count(*) filter (where not is_open) as left_count

    from times
    group by period_grain, period_start_date, scope_type, scope_id, stage, stage_days

),

at_risk as (

    select
        *,
        sum(records_count) over (
            partition by period_grain, period_start_date, scope_type, scope_id, stage
            order by stage_days desc
        ) as at_risk_count

    from per_time

),

-- Kaplan-Meier: those still in the stage count as long as they have been seen in it
surviving as (

    select
        *,
        {{ surviving_rate('left_count', 'at_risk_count', 'so_far') }} as staying_rate

    from at_risk
    window so_far as (
        partition by period_grain, period_start_date, scope_type, scope_id, stage
        order by stage_days
    )

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        stage,
        -- a hair above a half: the product is one of logarithms
        cast(min(case when staying_rate <= 0.5 + 1e-12 then stage_days end) as double) as censored_median_days

    from surviving
    group by period_grain, period_start_date, scope_type, scope_id, stage

)

select * from final
