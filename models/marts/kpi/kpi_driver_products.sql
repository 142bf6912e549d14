with

factors as (

    select * from {{ ref('kpi_driver_factors') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where value is not null and previous_value is not null

),

-- what the factors have to explain is the KPI less what is added to them
compared as (

    select
        factors.kpi_code,
        factors.period_grain,
        factors.period_start_date,
        factors.scope_type,
        factors.scope_id,
        factors.driver_type,
        factors.driver,
        factors.power,
        factors.previous_part as part_0,
        factors.part as part_1,
        kpi_values.previous_value
        - {{ exact_sum('case when factors.power = 0 then factors.previous_part else 0 end', 'drivers') }} as product_0,
        kpi_values.value - {{ exact_sum('case when factors.power = 0 then factors.part else 0 end', 'drivers') }} as product_1,
        -- a factor that is nil on one side, or turns its sign, has no logarithm. One with nothing to be a share of has no value
        case
            when factors.power = 0 or factors.previous_part is null or factors.part is null then 0
            when factors.previous_part * factors.part > 0 then 0
            else 1
        end as is_broken

    from factors
    inner join kpi_values
        on
            factors.kpi_code = kpi_values.kpi_code
            and factors.period_grain = kpi_values.period_grain
            and factors.period_start_date = kpi_values.period_start_date
            and factors.scope_type = kpi_values.scope_type
            and factors.scope_id = kpi_values.scope_id
    window drivers as (
        partition by
            factors.kpi_code, factors.period_grain, factors.period_start_date, factors.scope_type, factors.scope_id, factors.driver_type
    )

),

counted as (

    select
        *,
        sum(is_broken) over drivers as broken_count,
        count(*) over drivers as drivers_count,
        sum(case when driver_type = 'factor' and (part_0 is null or part_1 is null) then 1 else 0 end) over drivers as unknown_count,
        -- the logarithmic mean, by which the logarithms of factors add up to the change of their product
        case
            when abs(product_1 / nullif(product_0, 0) - 1) < 1e-9 then (product_0 + product_1) / 2
            when product_1 * product_0 > 0 then (product_1 - product_0) / ln(product_1 / product_0)
        end as log_mean

    from compared
    window drivers as (partition by kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type)

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        driver_type,
        driver,
        part_0 as previous_value,
        part_1 as value,
        1 / cast(drivers_count as double) as weight,
        case when power = 0 then 'volume' else 'factor' end as effect,
        case
            when power = 0 then part_1 - part_0
            when broken_count > 0 then is_broken * (product_1 - product_0) / broken_count
            else log_mean * power * ln(part_1 / part_0)
        end as contribution

    from counted
    -- a factor whose data was never loaded explains nothing
    where unknown_count = 0

)

select * from final
