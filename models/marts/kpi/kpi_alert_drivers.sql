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

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

drivers_of as (

    select
        reasons.kpi_code,
        reasons.period_grain,
        reasons.period_start_date,
        reasons.scope_type,
        reasons.scope_id,
        reasons.alert_reason,
        reasons.value,
        -- which way the alert tells that the KPI is off: up or down
        case when reasons.is_for_the_better = (kpis.direction <> 'down') then 1 else -1 end as way,
        drivers.driver_type,
        drivers.driver,
        drivers.driver_label_en,
        drivers.driver_label_fr,
        drivers.is_main_driver,
        drivers.contribution

    from reasons
    inner join kpis on reasons.kpi_code = kpis.kpi_code
    inner join drivers
        on
            reasons.kpi_code = drivers.kpi_code
            and reasons.period_grain = drivers.period_grain
            and reasons.period_start_date = drivers.period_start_date
            and reasons.scope_type = drivers.scope_type
            and reasons.scope_id = drivers.scope_id

),

-- drivers tell the change since the period before, an alert the distance to a target or to what is usual: a KPI may be short of
-- its target and have risen. Who made it rise is not to blame, nor is who fell a little: it is who is far off the company, and large
pulling as (

    select
        * exclude (value, way, contribution, is_main_driver),
        is_main_driver,
        abs(contribution) as pull

    from drivers_of
    where is_main_driver and contribution * way > 0

    union all

    select
        drivers_of.* exclude (value, way, contribution, is_main_driver),
        false as is_main_driver,
        (members.value - drivers_of.value) * members.denominator * drivers_of.way as pull

    from drivers_of
    inner join kpi_values as members
        on
            drivers_of.kpi_code = members.kpi_code
            and drivers_of.period_grain = members.period_grain
            and drivers_of.period_start_date = members.period_start_date
            and drivers_of.driver_type = members.scope_type
            and drivers_of.driver = members.scope_id
    where
        drivers_of.alert_reason = 'target_missed'
        and drivers_of.scope_type = 'company'
        and (members.value - drivers_of.value) * members.denominator * drivers_of.way > 0

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
