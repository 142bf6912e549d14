with

daily as (

    select * from {{ ref('kpi_components_daily') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

lifetimes as (

    select * from {{ ref('kpi_lifetime_components') }}

),

pipeline as (

    select * from {{ ref('kpi_pipeline_components') }}

),

forecasts as (

    select * from {{ ref('kpi_forecast_components') }}

),

lagged_costs as (

    select * from {{ ref('kpi_lagged_costs') }}

),

retention as (

    select * from {{ ref('kpi_retention_components') }}

),

margins as (

    select * from {{ ref('kpi_margin_components') }}

),

whole_periods as (

    select * from {{ ref('kpi_period_components') }}

),

period_days as (

    {{ days_of_periods() }}

),

whole as (

    select
        daily.component_code,
        period_days.period_grain,
        period_days.period_start_date,
        'value' as purpose,
        daily.scope_type,
        daily.scope_id,
        sum(daily.component_value) as component_value

    from daily
    inner join period_days on daily.component_date = period_days.date_day
    group by daily.component_code, period_days.period_grain, period_days.period_start_date, daily.scope_type, daily.scope_id

),

compared as (

    select
        daily.component_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        daily.scope_type,
        daily.scope_id,
        sum(daily.component_value) as component_value

    from daily
    inner join windows
        on
            windows.purpose <> 'value'
            and daily.component_date between windows.window_start_date and windows.window_end_date
    group by daily.component_code, windows.period_grain, windows.period_start_date, windows.purpose, daily.scope_type, daily.scope_id

),

-- what is measured by the month stands as at the last one that has begun
stocks as (

    select
        lifetimes.component_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        lifetimes.scope_type,
        lifetimes.scope_id,
        lifetimes.component_value

    from windows
    inner join lifetimes on lifetimes.month_date = cast(date_trunc('month', windows.window_end_date) as date)
    where windows.period_grain <> 'week'

),

final as (

    select
        component_code, period_grain, period_start_date, purpose, scope_type, scope_id, cast(component_value as double) as component_value
    from whole
    union all
    select
        component_code, period_grain, period_start_date, purpose, scope_type, scope_id, cast(component_value as double) as component_value
    from compared
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from stocks
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from pipeline
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from forecasts
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from lagged_costs
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from retention
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from margins
    union all
    select component_code, period_grain, period_start_date, purpose, scope_type, scope_id, component_value from whole_periods

)

select * from final
