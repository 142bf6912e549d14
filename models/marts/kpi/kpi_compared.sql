with

parts as (

    select * from {{ ref('kpi_parts') }}

),

products as (

    select * from {{ ref('kpi_products') }}

),

quantiles as (

    select * from {{ ref('kpi_quantiles') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

forecasts as (

    select 'forecast_bookings_amount' as kpi_code, 'value' as purpose, period_grain, period_start_date, scope_type, scope_id
    from {{ ref('forecast_bookings') }}
    where forecast_amount is null

),

-- a stock of nothing is 0, but with too little history nobody knows what a period will bring
known as (

    select
        parts.* replace (
            case when forecasts.kpi_code is null then parts.numerator end as numerator,
            case when forecasts.kpi_code is null then parts.value end as value
        )

    from parts
    left join forecasts
        on
            parts.kpi_code = forecasts.kpi_code and parts.purpose = forecasts.purpose
            and parts.period_grain = forecasts.period_grain and parts.period_start_date = forecasts.period_start_date
            and parts.scope_type = forecasts.scope_type and parts.scope_id = forecasts.scope_id

),

unioned as (

    select
        kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, numerator, denominator,
        cast(null as bigint) as records_count, value
    from known
    union all
    select
        kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, cast(null as double) as numerator,
        cast(null as double) as denominator, cast(null as bigint) as records_count, value
    from products
    union all
    select
        kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, cast(null as double) as numerator,
        cast(null as double) as denominator, records_count, value
    from quantiles

),

compared_periods as (

    select
        period_grain,
        period_start_date,
        'previous' as purpose,
        previous_start_date as compared_start_date

    from periods
    where not is_partial_period

    union all

    select
        period_grain,
        period_start_date,
        'last_year' as purpose,
        last_year_start_date as compared_start_date

    from periods
    where not is_partial_period

),

-- what a period is compared with: the whole one before, or the part of it up to the same point while the period is under way
comparisons as (

    select
        unioned.kpi_code,
        unioned.period_grain,
        compared_periods.period_start_date,
        compared_periods.purpose,
        unioned.scope_type,
        unioned.scope_id,
        unioned.value

    from unioned
    inner join compared_periods
        on
            unioned.period_grain = compared_periods.period_grain
            and unioned.period_start_date = compared_periods.compared_start_date
    where unioned.purpose = 'value'

    union all

    select
        kpi_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        value

    from unioned
    where purpose <> 'value'

),

final as (

    select
        unioned.kpi_code,
        unioned.period_grain,
        unioned.period_start_date,
        unioned.scope_type,
        unioned.scope_id,
        unioned.numerator,
        unioned.denominator,
        unioned.records_count,
        unioned.value,
        max(case when comparisons.purpose = 'previous' then comparisons.value end) as previous_value,
        max(case when comparisons.purpose = 'last_year' then comparisons.value end) as same_period_last_year_value

    from unioned
    left join comparisons
        on
            unioned.kpi_code = comparisons.kpi_code
            and unioned.period_grain = comparisons.period_grain
            and unioned.period_start_date = comparisons.period_start_date
            and unioned.scope_type = comparisons.scope_type
            and unioned.scope_id = comparisons.scope_id
    where unioned.purpose = 'value'
    group by
        unioned.kpi_code, unioned.period_grain, unioned.period_start_date, unioned.scope_type, unioned.scope_id,
        unioned.numerator, unioned.denominator, unioned.records_count, unioned.value

)

select * from final
