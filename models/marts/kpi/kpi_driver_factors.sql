with

registry as (

    select * from {{ ref('kpi_registry') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

parts as (

    select * from {{ ref('kpi_parts') }}

),

bookings as (

    select * from {{ ref('kpi_driver_bookings') }}

),

windows as (

    select * from {{ ref('kpi_driver_windows') }}

),

factored as (

    select kpi_code, trim(unnest(string_split(numerator, '*'))) as driver, 1 as power from registry where aggregation = 'product'
    union all
    select kpi_code, trim(unnest(string_split(denominator, '*'))) as driver, -1 as power from registry where aggregation = 'product'

),

-- a ratio whose parts come from different books (costs over customers) is a product of two
divided as (

    select
        registry.kpi_code,
        registry.numerator,
        registry.denominator,
        windows.period_grain,
        windows.period_start_date,
        parts.scope_type,
        parts.scope_id,
        max(case when windows.side = 'previous' then parts.numerator end) as numerator_0,
        max(case when windows.side = 'current' then parts.numerator end) as numerator_1,
        max(case when windows.side = 'previous' then parts.denominator end) as denominator_0,
        max(case when windows.side = 'current' then parts.denominator end) as denominator_1

    from registry
    inner join parts on registry.kpi_code = parts.kpi_code
    inner join windows
        on
            parts.period_grain = windows.period_grain
            and parts.period_start_date = windows.part_start_date
            and parts.purpose = windows.part_purpose
    where registry.aggregation = 'ratio' and registry.interval_method = 'none'
    group by
        registry.kpi_code, registry.numerator, registry.denominator, windows.period_grain, windows.period_start_date, parts.scope_type,
        parts.scope_id

),

final as (

    select
        factored.kpi_code,
        kpi_values.period_grain,
        kpi_values.period_start_date,
        kpi_values.scope_type,
        kpi_values.scope_id,
        'factor' as driver_type,
        factored.driver,
        factored.power,
        kpi_values.previous_value as previous_part,
        kpi_values.value as part

    from factored
    inner join kpi_values on factored.driver = kpi_values.kpi_code
    inner join windows
        on
            kpi_values.period_grain = windows.period_grain
            and kpi_values.period_start_date = windows.period_start_date
            and windows.side = 'current'

    union all

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, 'factor' as driver_type, numerator as driver, 1 as power,
        numerator_0 as previous_part, numerator_1 as part
    from divided

    union all

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, 'factor' as driver_type, denominator as driver, -1 as power,
        denominator_0 as previous_part, denominator_1 as part
    from divided

    union all

    -- what is added to the chain of factors rather than multiplied has no power
    select
        'bookings_amount' as kpi_code, period_grain, period_start_date, scope_type, scope_id, 'funnel' as driver_type, driver,
        case when is_factor then 1 else 0 end as power, previous_part, part
    from bookings

)

select * from final
