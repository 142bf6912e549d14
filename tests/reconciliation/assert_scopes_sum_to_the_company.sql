-- A KPI that is a sum is, for the whole company, the sum of its reps, of its teams, of its segments, of its channels
-- and of its products: nothing falls between scopes.
with

registry as (

    select * from {{ ref('kpi_registry') }}
    where aggregation = 'sum'

),

summed as (

    select
        kpi_values.kpi_code,
        kpi_values.period_grain,
        kpi_values.period_start_date,
        kpi_values.scope_type,
        sum(kpi_values.value) as scope_value

    from {{ ref('kpi_values') }} as kpi_values
    inner join registry on kpi_values.kpi_code = registry.kpi_code
    group by
        kpi_values.kpi_code,
        kpi_values.period_grain,
        kpi_values.period_start_date,
        kpi_values.scope_type

),

final as (

    select
        parts.kpi_code,
        parts.period_grain,
        parts.period_start_date,
        parts.scope_type,
        parts.scope_value,
        company.scope_value as company_value

    from summed as parts
    inner join summed as company
        on
            parts.kpi_code = company.kpi_code
            and parts.period_grain = company.period_grain
            and parts.period_start_date = company.period_start_date
            and company.scope_type = 'company'
    where abs(coalesce(parts.scope_value, 0) - coalesce(company.scope_value, 0)) > 0.001

)

select * from final
