with

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where scope_type in ('company', 'team', 'rep') and scope_id not in ('unallocated', 'unknown')

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

dashboards as (

    select * from {{ ref('dashboards') }}
    where is_headline

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain <> 'year'

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_business_day

),

aimed_at as (
    {{ union_by_name(['kpi_targets', 'kpi_actions'], ['kpi_code']) }}

),

-- the headlines, and whatever somebody has set a target for or done something about
judged as (

    select kpi_code, true as is_headline from dashboards
    union all
    select kpi_code, false as is_headline from aimed_at

),

judged_kpis as (

    select
        judged.kpi_code,
        registry.aggregation,
        registry.cadence,
        registry.direction,
        registry.interval_method,
        registry.minimum_sample,
        -- the rhythm it is steered by, and the next longer one, where small samples become large enough
        case registry.cadence when 'week' then 'week|month' when 'month' then 'month|quarter' else 'quarter' end as judged_grains,
        -- a period without a row is one in which nothing happened
        case when registry.aggregation = 'sum' then 0 end as idle_value,
        case when registry.aggregation = 'sum' and registry.interval_method = 'poisson' then 0 end as idle_sample,
        bool_or(judged.is_headline) as is_headline

    from registry
    inner join judged on registry.kpi_code = judged.kpi_code
    group by judged.kpi_code, registry.aggregation, registry.cadence, registry.direction, registry.interval_method, registry.minimum_sample

),

spans as (

    select
        periods.period_grain,
        periods.period_start_date,
        periods.period_end_date,
        periods.period_number,
        periods.is_partial_period,
        cast(case periods.period_grain when 'week' then 52 when 'month' then 12 else 4 end as bigint) as season_length,
        cast(count(dates.date_day) as double) as business_days

    from periods
    left join dates on dates.date_day between periods.period_start_date and periods.observed_until_date
    group by periods.period_grain, periods.period_start_date, periods.period_end_date, periods.period_number, periods.is_partial_period

),

scopes as (

    select
        kpi_values.kpi_code, kpi_values.period_grain, kpi_values.scope_type, kpi_values.scope_id,
        min(spans.period_number) as first_period_number

    from kpi_values
    inner join judged_kpis on kpi_values.kpi_code = judged_kpis.kpi_code
    inner join spans on kpi_values.period_grain = spans.period_grain and kpi_values.period_start_date = spans.period_start_date
    where
        kpi_values.value is not null
        and {{ is_listed('kpi_values.period_grain', 'judged_kpis.judged_grains') }}
        -- a week of one person is weather
        and (kpi_values.scope_type <> 'rep' or kpi_values.period_grain <> 'week')
    group by kpi_values.kpi_code, kpi_values.period_grain, kpi_values.scope_type, kpi_values.scope_id

),

final as (

    select
        scopes.kpi_code,
        spans.period_grain,
        spans.period_start_date,
        scopes.scope_type,
        scopes.scope_id,
        spans.period_end_date,
        spans.period_number,
        spans.season_length,
        spans.is_partial_period,
        spans.business_days,
        judged_kpis.is_headline,
        judged_kpis.direction,
        judged_kpis.interval_method,
        judged_kpis.minimum_sample,
        case
            when judged_kpis.aggregation in ('sum', 'distinct') then 'season'
            when judged_kpis.aggregation in ('last', 'product') then 'step'
            else 'level'
        end as expectation_method,
        coalesce(kpi_values.value, judged_kpis.idle_value) as value,
        case when judged_kpis.aggregation = 'ratio' then kpi_values.numerator else coalesce(kpi_values.value, judged_kpis.idle_value) end
            as numerator,
        case
            when judged_kpis.aggregation = 'ratio' then kpi_values.denominator
            when coalesce(kpi_values.value, judged_kpis.idle_value) is not null then 1
        end as denominator,
        cast(coalesce(
            kpi_values.sample_size, case when judged_kpis.aggregation = 'ratio' then kpi_values.denominator else judged_kpis.idle_sample end
        ) as bigint) as sample_size,
        kpi_values.ci_low,
        kpi_values.ci_high,
        bool_and(kpi_values.is_mature) over (same_period) as is_mature,
        max(kpi_values.trust_status) over (same_period) as trust_status

    from scopes
    inner join judged_kpis on scopes.kpi_code = judged_kpis.kpi_code
    inner join spans on scopes.period_grain = spans.period_grain and scopes.first_period_number <= spans.period_number
    left join kpi_values
        on
            scopes.kpi_code = kpi_values.kpi_code
            and scopes.scope_type = kpi_values.scope_type and scopes.scope_id = kpi_values.scope_id
            and spans.period_grain = kpi_values.period_grain and spans.period_start_date = kpi_values.period_start_date
    window same_period as (partition by scopes.kpi_code, spans.period_grain, spans.period_start_date)

)

select * from final
