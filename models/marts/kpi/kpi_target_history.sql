with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}
    where
        kind = 'kpi'
        and aggregation in ('sum', 'ratio', 'last')
        -- a forecast is judged by the target of what it forecasts
        and kpi_code <> 'forecast_bookings_amount'
        -- of what has run out when a period ends, periods that have ended tell nothing
        and coalesce(within_period, 'none') <> 'runs_out'

),

-- what may teach: whole periods whose cohorts have had their time and whose data can be believed
final as (

    select
        kpi_values.kpi_code,
        kpi_values.period_grain,
        kpi_values.period_start_date,
        kpi_values.scope_type,
        kpi_values.scope_id,
        registry.aggregation,
        registry.direction,
        registry.unit,
        registry.interval_method,
        registry.minimum_sample,
        kpi_values.numerator,
        kpi_values.denominator,
        kpi_values.value,
        kpi_values.sample_size,
        -- of the KPI's own periods, so that one in which a scope did nothing counts as one
        cast(dense_rank() over (
            partition by kpi_values.kpi_code, kpi_values.period_grain
            order by kpi_values.period_start_date desc
        ) as bigint) as periods_ago

    from kpi_values
    inner join registry on kpi_values.kpi_code = registry.kpi_code
    where
        -- a year's churn is not that of a quarter: what builds up is learnt from periods as long, all else from quarters
        (kpi_values.period_grain = 'quarter' or registry.within_period = 'builds_up' and kpi_values.period_grain in ('month', 'year'))
        and not kpi_values.is_partial_period
        and kpi_values.is_mature
        and kpi_values.trust_status in ('trusted', 'degraded')
        and kpi_values.value is not null

)

select * from final
