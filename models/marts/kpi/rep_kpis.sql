with

reps as (

    select * from {{ ref('rep_periods') }}

),

dashboards as (

    select * from {{ ref('dashboards') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where scope_type = 'rep' and period_grain in ('quarter', 'year')

),

intervals as (

    select * from {{ ref('kpi_intervals') }}
    where scope_type = 'rep' and period_grain in ('quarter', 'year')

),

trust as (

    select * from {{ ref('quality_kpi_trust') }}

),

-- what a rep did nothing of is nothing, what there is no base for is unknown
found as (

    select
        reps.rep_id,
        reps.period_grain,
        reps.period_start_date,
        reps.present_days,
        registry.kpi_code,
        case
            when registry.interval_method = 'wilson' then 'share'
            when registry.interval_method = 'poisson' then 'count'
            when registry.interval_method = 'bootstrap_records' and registry.aggregation = 'sum' then 'amount'
            when registry.interval_method = 'bootstrap_records' then 'mean'
            else 'none'
        end as statistic,
        coalesce(
            kpi_values.value, case when registry.aggregation in ('sum', 'distinct') and trust.trust_status <> 'no_source' then 0 end
        ) as value,
        coalesce(kpi_values.sample_size, 0) as sample_size,
        intervals.standard_error,
        coalesce(kpi_values.is_mature, true) and trust.trust_status in ('trusted', 'degraded') as is_usable

    from reps
    inner join dashboards on reps.role = dashboards.dashboard
    inner join registry
        on
            dashboards.kpi_code = registry.kpi_code
            and {{ is_listed("'rep'", 'registry.scopes') }}
            and {{ is_listed('reps.period_grain', 'registry.grains') }}
    inner join trust
        on
            registry.kpi_code = trust.kpi_code
            and reps.period_grain = trust.period_grain
            and reps.period_start_date = trust.period_start_date
    left join kpi_values
        on
            registry.kpi_code = kpi_values.kpi_code
            and reps.rep_id = kpi_values.scope_id
            and reps.period_grain = kpi_values.period_grain
            and reps.period_start_date = kpi_values.period_start_date
    left join intervals
        on
            registry.kpi_code = intervals.kpi_code
            and reps.rep_id = intervals.scope_id
            and reps.period_grain = intervals.period_grain
            and reps.period_start_date = intervals.period_start_date

),
-- a rate of its own records, or of the days the rep was there
final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        kpi_code,
        statistic,
        value,
        cast(sample_size as bigint) as sample_size,
        standard_error,
        case
            when value is null or not is_usable or statistic = 'none' then null
            when statistic in ('count', 'amount') then cast(present_days as double)
            else cast(nullif(sample_size, 0) as double)
        end as exposure

    from found

)

select * from final
