with

times as (

    select * from {{ ref('funnel_stage_times_by_period') }}

),

medians as (

    select * from {{ ref('funnel_stage_medians') }}

),

described as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        stage,
        sum(visits_count) as visits_count,
        count(*) as records_count,
        count(*) filter (where is_open) as open_count,
        cast(sum(stage_days) filter (where not is_open) as double) / nullif(count(*) filter (where not is_open), 0) as mean_days,
        percentile_cont(0.5) within group (order by case when not is_open then cast(stage_days as double) end) as median_days,
        percentile_cont(0.9) within group (order by case when not is_open then cast(stage_days as double) end) as p90_days

    from times
    group by period_grain, period_start_date, scope_type, scope_id, stage

),

final as (

    select
        described.period_grain,
        described.period_start_date,
        described.scope_type,
        described.scope_id,
        described.stage,
        cast(described.visits_count as bigint) as visits_count,
        cast(described.records_count as bigint) as records_count,
        cast(described.open_count as bigint) as open_count,
        described.mean_days,
        described.median_days,
        described.p90_days,
        medians.censored_median_days

    from described
    inner join medians
        on
            described.period_grain = medians.period_grain
            and described.period_start_date = medians.period_start_date
            and described.scope_type = medians.scope_type
            and described.scope_id = medians.scope_id
            and described.stage = medians.stage

)

select * from final
