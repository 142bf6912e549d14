with

reps as (

    select * from {{ ref('rep_periods') }}

),

kpis as (

    select * from {{ ref('rep_kpis') }}

),

count_spreads as (

    select * from {{ ref('rep_count_spreads') }}

),

steps as (

    select * from {{ ref('funnel_steps_by_period') }}
    where scope_type = 'rep' and view = 'cohort' and counting = 'reached' and is_mature

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

-- KPIs, and every step of the funnel as a share
unioned as (

    select
        kpis.rep_id,
        kpis.period_grain,
        kpis.period_start_date,
        kpis.kpi_code as measure_code,
        kpis.statistic,
        kpis.exposure,
        case when kpis.statistic in ('count', 'amount') then kpis.value / kpis.exposure else kpis.value end as rate,
        case
            when kpis.statistic = 'count' then count_spreads.spread
            when kpis.statistic = 'amount' then power(coalesce(kpis.standard_error, 0), 2)
            when kpis.statistic = 'mean' then kpis.sample_size * (kpis.sample_size - 1) * power(kpis.standard_error, 2)
        end as spread,
        case
            when kpis.statistic = 'count' then cast(count_spreads.degrees_count as double)
            when kpis.statistic = 'amount' then kpis.exposure
            when kpis.statistic = 'mean' and kpis.standard_error is not null then kpis.sample_size - 1
        end as spread_weight

    from kpis
    left join count_spreads
        on
            kpis.rep_id = count_spreads.rep_id
            and kpis.period_grain = count_spreads.period_grain
            and kpis.period_start_date = count_spreads.period_start_date
            and kpis.kpi_code = count_spreads.kpi_code
    where kpis.exposure > 0

    union all

    select
        steps.scope_id as rep_id,
        steps.period_grain,
        steps.period_start_date,
        steps.from_stage || ' > ' || steps.to_stage as measure_code,
        'share' as statistic,
        cast(steps.entrants_count as double) as exposure,
        cast(steps.converted_count as double) / steps.entrants_count as rate,
        cast(null as double) as spread,
        cast(null as double) as spread_weight

    from steps
    inner join stages as from_stages on steps.from_stage = from_stages.stage
    inner join stages as to_stages on steps.to_stage = to_stages.stage
    where to_stages.position = from_stages.position + 1 and steps.entrants_count > 0

),

-- the narrowest group comes first: the same role, segment and time since the start; then any segment; then any time
grouped as (

    select
        unioned.*,
        cast(groups.level as bigint) as level,
        case groups.level
            when 1 then reps.role || ', ' || reps.segment || ', ' || reps.tenure
            when 2 then reps.role || ', ' || reps.tenure
            else reps.role
        end as peer_group

    from unioned
    inner join reps
        on
            unioned.rep_id = reps.rep_id
            and unioned.period_grain = reps.period_grain
            and unioned.period_start_date = reps.period_start_date
    cross join (values (1), (2), (3)) as groups (level)

),

final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        measure_code,
        statistic,
        peer_group,
        level,
        exposure,
        rate,
        spread,
        spread_weight

    from grouped

)

select * from final
