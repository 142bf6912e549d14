with

registry as (

    select * from {{ ref('kpi_registry') }}
    where interval_method = 'bootstrap_records'

),

parts as (

    select * from {{ ref('kpi_parts') }}
    where purpose = 'value'

),

components as (

    select * from {{ ref('kpi_components_by_period') }}
    where purpose = 'value'

),

quantiles as (

    select * from {{ ref('kpi_quantiles') }}
    where purpose = 'value'

),

-- how much the records behind a part differ, in sums that add up like the part itself
spreads as (

    select
        registry.kpi_code,
        components.period_grain,
        components.period_start_date,
        components.scope_type,
        components.scope_id,
        max(case when components.component_code = registry.numerator || '_squares' then components.component_value end)
            as numerator_squares,
        max(case when components.component_code = registry.numerator || '_products' then components.component_value end) as products,
        max(case when components.component_code = registry.denominator || '_squares' then components.component_value end)
            as denominator_squares,
        max(case
            when components.component_code = coalesce(registry.denominator, registry.numerator) || '_records'
                then components.component_value
        end) as records_count

    from registry
    inner join components
        on
            components.component_code in (
                registry.numerator || '_squares', registry.numerator || '_products', registry.numerator || '_records',
                registry.denominator || '_squares', registry.denominator || '_records'
            )
    group by
        registry.kpi_code, components.period_grain, components.period_start_date, components.scope_type, components.scope_id

),

-- what a part lacks says what it is: the records themselves are counted, or those above the line are some of those below
combined as (

    select
        parts.kpi_code,
        parts.period_grain,
        parts.period_start_date,
        parts.scope_type,
        parts.scope_id,
        parts.value,
        case
            when parts.denominator is null then 'sum'
            when spreads.denominator_squares is not null and spreads.products is null then 'share'
            else 'ratio'
        end as statistic,
        coalesce(
            spreads.records_count, case when spreads.denominator_squares is null then parts.denominator end, 0
        ) as records_count,
        coalesce(parts.denominator, parts.numerator) as base,
        spreads.numerator_squares,
        coalesce(spreads.products, parts.numerator) as products,
        coalesce(spreads.denominator_squares, parts.denominator) as denominator_squares

    from parts
    inner join registry on parts.kpi_code = registry.kpi_code
    left join spreads
        on
            parts.kpi_code = spreads.kpi_code
            and parts.period_grain = spreads.period_grain
            and parts.period_start_date = spreads.period_start_date
            and parts.scope_type = spreads.scope_type
            and parts.scope_id = spreads.scope_id

),

-- as a bootstrap of the records tends to, each of them drawn as often as Poisson's law says
measured as (

    select
        *,
        -- so many records of one size would differ as much
        power(base, 2) / nullif(case when statistic = 'sum' then numerator_squares else denominator_squares end, 0) as equal_records,
        case
            when statistic = 'sum' then sqrt(numerator_squares)
            when statistic = 'share' then sqrt(value * (1 - value) * denominator_squares) / base
            -- of two records the spread says nothing
            when records_count >= 3
                then
                    sqrt(
                        greatest(0, numerator_squares - 2 * value * products + power(value, 2) * denominator_squares)
                        * records_count / (records_count - 1)
                    ) / abs(base)
        end as standard_error

    from combined

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(greatest(records_count, 0) as bigint) as records_count,
        standard_error,
        {{ amount_bound('low') }} as ci_low,
        {{ amount_bound('high') }} as ci_high

    from measured

    union all

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        records_count,
        (high_value - low_value) / {{ 2 * 1.959963984540054 }} as standard_error,
        low_value as ci_low,
        high_value as ci_high

    from quantiles

)

select * from final
