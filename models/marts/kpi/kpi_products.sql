with

registry as (

    select * from {{ ref('kpi_registry') }}

),

parts as (

    select * from {{ ref('kpi_parts') }}

),

quantiles as (

    select * from {{ ref('kpi_quantiles') }}

),

known as (

    select kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, value from parts
    union all
    select kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, value from quantiles

),

-- factors are multiplied, divisors divide; a product of products (LTV over CAC) takes the factors of both
factored as (

    select
        kpi_code,
        trim(unnest(string_split(numerator, '*'))) as factor_code,
        1 as power

    from registry
    where aggregation = 'product'

    union all

    select
        kpi_code,
        trim(unnest(string_split(denominator, '*'))) as factor_code,
        -1 as power

    from registry
    where aggregation = 'product' and denominator is not null

),

expanded as (

    select
        factored.kpi_code,
        coalesce(inner_factors.factor_code, factored.factor_code) as factor_code,
        factored.power * coalesce(inner_factors.power, 1) as power

    from factored
    left join factored as inner_factors on factored.factor_code = inner_factors.kpi_code

),

numbered as (

    select
        *,
        row_number() over (partition by kpi_code order by power desc, factor_code asc) as factor_number,
        count(*) over (partition by kpi_code) as factors_count

    from expanded

),

valued as (

    select
        numbered.kpi_code,
        numbered.factors_count,
        numbered.factor_number,
        known.period_grain,
        known.period_start_date,
        known.purpose,
        known.scope_type,
        known.scope_id,
        -- what is nought or below divides nothing: a margin that is lost pays nothing back
        case when numbered.power = 1 then known.value when known.value > 0 then 1 / known.value end as factor

    from numbered
    inner join registry on numbered.kpi_code = registry.kpi_code
    inner join known on numbered.factor_code = known.kpi_code
    where {{ is_listed('known.scope_type', 'registry.scopes') }} and {{ is_listed('known.period_grain', 'registry.grains') }}

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        case
            when count(factor) = max(factors_count)
                then
                    max(case when factor_number = 1 then factor end)
                    * coalesce(max(case when factor_number = 2 then factor end), 1)
                    * coalesce(max(case when factor_number = 3 then factor end), 1)
                    * coalesce(max(case when factor_number = 4 then factor end), 1)
                    * coalesce(max(case when factor_number = 5 then factor end), 1)
                    * coalesce(max(case when factor_number = 6 then factor end), 1)
        end as value

    from valued
    group by kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id

)

select * from final
