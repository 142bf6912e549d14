with

reasons as (

    select * from {{ ref('kpi_alert_reasons') }}

),

kpis as (

    select * from {{ ref('dim_kpis') }}

),

drivers as (

    select * from {{ ref('kpi_drivers') }}

),

-- drivers tell the change since the period before, an alert the distance to a target or to what is usual: a KPI may be short of
-- its target and have risen, and who made it rise is not to blame
pulling as (

    select
        reasons.kpi_code,
        reasons.period_grain,
        reasons.period_start_date,
        reasons.scope_type,
        reasons.scope_id,
        reasons.alert_reason,
        drivers.driver_type,
        drivers.driver,
        drivers.driver_label_en,
        drivers.driver_label_fr,
        drivers.is_main_driver,
        abs(drivers.contribution) as pull

    from reasons
    inner join kpis on reasons.kpi_code = kpis.kpi_code
    inner join drivers
        on
            reasons.kpi_code = drivers.kpi_code
            and reasons.period_grain = drivers.period_grain
            and reasons.period_start_date = drivers.period_start_date
            and reasons.scope_type = drivers.scope_type
            and reasons.scope_id = drivers.scope_id
    where
        drivers.contribution <> 0
        and (drivers.contribution > 0) = (reasons.is_for_the_better = (kpis.direction <> 'down'))

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        alert_reason,
        driver_type,
        driver,
        driver_label_en,
        driver_label_fr,
        is_main_driver

    from pulling
    qualify row_number() over (
            partition by kpi_code, period_grain, period_start_date, scope_type, scope_id, alert_reason
            order by is_main_driver desc, round(pull, 9) desc, driver_type asc, driver asc
        ) = 1

)

select * from final
