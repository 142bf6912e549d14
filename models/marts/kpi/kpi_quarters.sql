with

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where period_grain = 'quarter'

),

registry as (

    select * from {{ ref('kpi_registry') }}
    -- a forecast is judged by the target of what it forecasts
    where kind = 'kpi' and aggregation in ('sum', 'ratio', 'last') and kpi_code <> 'forecast_bookings_amount'

),

-- what may teach: whole quarters whose cohorts have had their time and whose data can be believed
final as (

    select
        kpi_values.kpi_code,
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
        -- of the KPI's own quarters, so that one in which a scope did nothing counts as one
        cast(dense_rank() over (
            partition by kpi_values.kpi_code
            order by kpi_values.period_start_date desc
        ) as bigint) as quarters_ago

    from kpi_values
    inner join registry on kpi_values.kpi_code = registry.kpi_code
    where
        not kpi_values.is_partial_period
        and kpi_values.is_mature
        and kpi_values.trust_status in ('trusted', 'degraded')
        and kpi_values.value is not null

)

select * from final
