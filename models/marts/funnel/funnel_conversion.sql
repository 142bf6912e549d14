with

steps as (

    select * from {{ ref('funnel_steps_by_period') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

quarters as (

    select * from {{ ref('funnel_benchmark_quarters') }}

),

benchmarks as (

    select * from {{ ref('funnel_benchmarks') }}

),

worths as (

    select * from {{ ref('funnel_step_worths') }}

),

targets as (

    select * from {{ ref('kpi_targets') }}

),

-- what history, or else the target, would have given, and what one conversion more is worth in the end
compared as (

    select
        steps.*,
        to_stages.position = from_stages.position + 1 as is_adjacent,
        cast(steps.converted_count as double) / nullif(steps.entrants_count, 0) as conversion_rate,
        case when steps.view = 'cohort' then {{ wilson_bound('steps.converted_count', 'steps.entrants_count', 'low') }} end as ci_low,
        case when steps.view = 'cohort' then {{ wilson_bound('steps.converted_count', 'steps.entrants_count', 'high') }} end as ci_high,
        case when steps.view = 'cohort' then coalesce(benchmarks.benchmark_rate, targets.target_value) end as benchmark_rate,
        worths.conversion_worth_amount

    from steps
    inner join stages as from_stages on steps.from_stage = from_stages.stage
    inner join stages as to_stages on steps.to_stage = to_stages.stage
    left join quarters
        on
            steps.period_grain = quarters.period_grain
            and steps.period_start_date = quarters.period_start_date
            and steps.from_stage = quarters.from_stage
            and steps.to_stage = quarters.to_stage
    left join benchmarks
        on
            quarters.last_quarter_number = benchmarks.last_quarter_number
            and steps.scope_type = benchmarks.scope_type
            and steps.scope_id = benchmarks.scope_id
            and steps.from_stage = benchmarks.from_stage
            and steps.to_stage = benchmarks.to_stage
            and steps.counting = benchmarks.counting
    -- a target is of the KPI, which counts who reached the stage
    left join targets
        on
            case when steps.counting = 'reached' then steps.from_stage || '_to_' || steps.to_stage || '_rate' end = targets.kpi_code
            and steps.scope_type = targets.scope_type
            and steps.scope_id = targets.scope_id
            and steps.period_grain = targets.period_grain
            and steps.period_start_date = targets.period_start_date
    left join worths
        on
            steps.period_grain = worths.period_grain
            and steps.period_start_date = worths.period_start_date
            and steps.scope_type = worths.scope_type
            and steps.scope_id = worths.scope_id
            and steps.from_stage = worths.from_stage
            and steps.to_stage = worths.to_stage
            and steps.counting = worths.counting

),

lost as (

    select
        *,
        -- nothing is lost where the interval holds the benchmark, nothing is known before the time is up
        case
            when view = 'period' or not is_mature or benchmark_rate is null or conversion_worth_amount is null then null
            when ci_high < benchmark_rate then (benchmark_rate - conversion_rate) * entrants_count * conversion_worth_amount
            else 0
        end as recoverable_loss

    from compared

),

final as (

    select
        view,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        from_stage,
        to_stage,
        counting,
        counting_unit,
        entrants_count,
        converted_count,
        converted_to_date_count,
        lost_to_date_count,
        conversion_rate,
        cast(converted_to_date_count as double) / nullif(entrants_count, 0) as conversion_to_date_rate,
        cast(expected_count as double) / nullif(entrants_count, 0) as expected_final_rate,
        ci_low,
        ci_high,
        window_days,
        is_mature,
        benchmark_rate,
        cast(recoverable_loss as decimal(18, 2)) as recoverable_loss_amount,
        is_adjacent and coalesce(recoverable_loss > 0 and recoverable_loss = max(case when is_adjacent then recoverable_loss end) over (
            partition by view, period_grain, period_start_date, scope_type, scope_id, counting
        ), false) as is_bottleneck

    from lost

)

select * from final
