with

registry as (

    select * from {{ ref('kpi_registry') }}
    where aggregation in ('sum', 'ratio', 'last', 'distinct')

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

targets as (

    select * from {{ ref('kpi_targets_due') }}

),

found as (

    select
        registry.kpi_code,
        components.period_grain,
        components.period_start_date,
        components.purpose,
        components.scope_type,
        components.scope_id,
        case when components.component_code = registry.numerator then components.component_value end as numerator,
        case when components.component_code = registry.denominator then components.component_value end as denominator

    from registry
    inner join components
        on
            components.component_code in (registry.numerator, registry.denominator)
            and {{ is_listed('components.scope_type', 'registry.scopes') }}
            and {{ is_listed('components.period_grain', 'registry.grains') }}

    union all

    select
        kpi_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        cast(people_count as double) as numerator,
        cast(null as double) as denominator

    from touched

    union all

    -- the company has a row for every period, also for one in which nothing happened
    select
        registry.kpi_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        'company' as scope_type,
        'all' as scope_id,
        cast(null as double) as numerator,
        cast(null as double) as denominator

    from registry
    inner join windows on {{ is_listed('windows.period_grain', 'registry.grains') }}

    union all

    -- so has who has a target for it
    select
        targets.kpi_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        targets.scope_type,
        targets.scope_id,
        cast(null as double) as numerator,
        cast(null as double) as denominator

    from targets
    inner join registry on targets.kpi_code = registry.kpi_code
    inner join windows
        on
            targets.period_grain = windows.period_grain
            and targets.period_start_date = windows.period_start_date
    where
        {{ is_listed('targets.scope_type', 'registry.scopes') }}
        and {{ is_listed('targets.period_grain', 'registry.grains') }}

),

summed as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        max(numerator) as numerator,
        max(denominator) as denominator

    from found
    group by kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id

),

final as (

    select
        summed.kpi_code,
        summed.period_grain,
        summed.period_start_date,
        summed.purpose,
        summed.scope_type,
        summed.scope_id,
        -- a stock of nothing is 0, a mean of nobody is unknown
        case when registry.aggregation = 'last' and registry.unit = 'ratio' then summed.numerator else coalesce(summed.numerator, 0) end
            as numerator,
        case
            -- nothing remains of a target that is reached; without one nobody knows what remains
            when registry.denominator = 'target_gap_amount' then summed.denominator
            when registry.denominator is not null then coalesce(summed.denominator, 0)
        end as denominator,
        case
            when registry.aggregation = 'last' and registry.unit = 'ratio' then summed.numerator
            when registry.denominator is null then coalesce(summed.numerator, 0)
            -- an amount that nothing is booked for yet is unknown, not nil
            when registry.unit = 'EUR' then summed.numerator / nullif(summed.denominator, 0)
            else coalesce(summed.numerator, 0) / nullif(summed.denominator, 0)
        end as value

    from summed
    inner join registry on summed.kpi_code = registry.kpi_code

)

select * from final
