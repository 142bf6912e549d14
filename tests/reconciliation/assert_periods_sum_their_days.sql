-- A component of a month is the sum of its days, whatever the scope, from the first day of the calendar on.
with

days as (

    select
        component_code,
        scope_type,
        scope_id,
        cast(date_trunc('month', component_date) as date) as month_date,
        sum(component_value) as component_value

    from {{ ref('kpi_components_daily') }}
    where
        component_date <= (select as_of_date from {{ ref('dim_clocks') }})
        and component_date >= (select min(date_day) from {{ ref('dim_dates') }})
    group by component_code, scope_type, scope_id, cast(date_trunc('month', component_date) as date)

),

months as (

    select * from {{ ref('kpi_components_by_period') }}
    where period_grain = 'month' and purpose = 'value'

),

final as (

    select
        days.component_code,
        days.scope_type,
        days.scope_id,
        days.month_date,
        days.component_value as days_value,
        months.component_value as month_value

    from days
    left join months
        on
            days.component_code = months.component_code
            and days.scope_type = months.scope_type
            and days.scope_id = months.scope_id
            and days.month_date = months.period_start_date
    where abs(days.component_value - coalesce(months.component_value, 0)) > 0.000001

)

select * from final
