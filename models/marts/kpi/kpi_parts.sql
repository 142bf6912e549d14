with

registry as (

    select * from {{ ref('kpi_registry') }}

),

components as (

    select * from {{ ref('kpi_components_by_period') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

touched as (

    select * from {{ ref('kpi_people_touched') }}

),

wanted as (

    select
        kpi_code,
        aggregation,
        unit,
        numerator,
        denominator,
        scopes,
        grains

    from registry
    where aggregation in ('sum', 'ratio', 'last')

),

numerators as (

    select wanted.kpi_code, components.period_grain, components.period_start_date, components.purpose, components.scope_type, components.scope_id, components.component_value
    from wanted
    inner join components on wanted.numerator = components.component_code
    where {{ is_listed('components.scope_type', 'wanted.scopes') }} and {{ is_listed('components.period_grain', 'wanted.grains') }}

),

denominators as (

    select wanted.kpi_code, components.period_grain, components.period_start_date, components.purpose, components.scope_type, components.scope_id, components.component_value
    from wanted
    inner join components on wanted.denominator = components.component_code
    where {{ is_listed('components.scope_type', 'wanted.scopes') }} and {{ is_listed('components.period_grain', 'wanted.grains') }}

),

-- the company has a row for every period, also for one in which nothing happened
spine as (

    select wanted.kpi_code, windows.period_grain, windows.period_start_date, windows.purpose, 'company' as scope_type, 'all' as scope_id
    from wanted
    inner join windows on {{ is_listed('windows.period_grain', 'wanted.grains') }}
    union
    select kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id from numerators
    union
    select kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id from denominators

),

final as (

    select
        spine.kpi_code,
        spine.period_grain,
        spine.period_start_date,
        spine.purpose,
        spine.scope_type,
        spine.scope_id,
        case when wanted.aggregation = 'last' then numerators.component_value else coalesce(numerators.component_value, 0) end as numerator,
        case when wanted.denominator is not null then coalesce(denominators.component_value, 0) end as denominator,
        case
            when wanted.aggregation = 'last' then numerators.component_value
            when wanted.denominator is null then coalesce(numerators.component_value, 0)
            -- an amount that nothing is booked for yet is unknown, not nil
            when wanted.unit = 'EUR' then numerators.component_value / nullif(denominators.component_value, 0)
            else coalesce(numerators.component_value, 0) / nullif(denominators.component_value, 0)
        end as value

    from spine
    inner join wanted on spine.kpi_code = wanted.kpi_code
    left join numerators
        on
            spine.kpi_code = numerators.kpi_code
            and spine.period_grain = numerators.period_grain
            and spine.period_start_date = numerators.period_start_date
            and spine.purpose = numerators.purpose
            and spine.scope_type = numerators.scope_type
            and spine.scope_id = numerators.scope_id
    left join denominators
        on
            spine.kpi_code = denominators.kpi_code
            and spine.period_grain = denominators.period_grain
            and spine.period_start_date = denominators.period_start_date
            and spine.purpose = denominators.purpose
            and spine.scope_type = denominators.scope_type
            and spine.scope_id = denominators.scope_id

    union all

    select
        touched.kpi_code,
        touched.period_grain,
        touched.period_start_date,
        touched.purpose,
        touched.scope_type,
        touched.scope_id,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(touched.people_count as double) as value

    from touched

)

select * from final
