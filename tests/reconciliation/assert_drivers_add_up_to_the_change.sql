-- Of each KPI, period and scope the contributions of each type of driver add up to the change, to a cent or a millionth;
-- what changed has one main driver, what did not has none. A change of a sum of the company is explained by every type
-- of scope the KPI has.
with

drivers as (

    select * from {{ ref('kpi_drivers') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}
    where aggregation = 'sum'

),

windows as (

    select * from {{ ref('kpi_driver_windows') }}
    where side = 'current'

),

summed as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        driver_type,
        sum(contribution) as contribution,
        count(*) - count(contribution) as unknown_count

    from drivers
    group by kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type

),

named as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        sum(case when is_main_driver then 1 else 0 end) as main_drivers_count,
        max(case when contribution_share is null then 0 else 1 end) as changed_count

    from drivers
    group by kpi_code, period_grain, period_start_date, scope_type, scope_id

),

final as (

    select
        'does not add up' as fault,
        summed.kpi_code,
        summed.period_grain,
        summed.period_start_date,
        summed.scope_type,
        summed.scope_id,
        summed.driver_type

    from summed
    left join kpi_values
        on
            summed.kpi_code = kpi_values.kpi_code
            and summed.period_grain = kpi_values.period_grain
            and summed.period_start_date = kpi_values.period_start_date
            and summed.scope_type = kpi_values.scope_type
            and summed.scope_id = kpi_values.scope_id
    where
        summed.unknown_count > 0
        or kpi_values.value is null
        or kpi_values.previous_value is null
        or abs(summed.contribution - (kpi_values.value - kpi_values.previous_value))
        > least(0.01, 0.000001 * greatest(abs(kpi_values.value), abs(kpi_values.previous_value)))

    union all

    select
        'has not one main driver' as fault,
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(null as varchar) as driver_type

    from named
    where main_drivers_count <> changed_count

    union all

    select
        'is not explained' as fault,
        kpi_values.kpi_code,
        kpi_values.period_grain,
        kpi_values.period_start_date,
        kpi_values.scope_type,
        kpi_values.scope_id,
        dimensions.driver_type

    from kpi_values
    inner join registry on kpi_values.kpi_code = registry.kpi_code
    inner join windows
        on
            kpi_values.period_grain = windows.period_grain
            and kpi_values.period_start_date = windows.period_start_date
    inner join (values ('team'), ('rep'), ('segment'), ('channel'), ('product')) as dimensions (driver_type)
        on {{ is_listed('dimensions.driver_type', 'registry.scopes') }}
    left join summed
        on
            kpi_values.kpi_code = summed.kpi_code
            and kpi_values.period_grain = summed.period_grain
            and kpi_values.period_start_date = summed.period_start_date
            and summed.scope_type = 'company'
            and dimensions.driver_type = summed.driver_type
    where kpi_values.scope_type = 'company' and kpi_values.value <> kpi_values.previous_value and summed.driver_type is null

)

select * from final
