with

forecasts as (

    select * from {{ ref('forecast_bookings') }}
    where forecast_amount is not null

),

booked as (

    select * from {{ ref('kpi_components_daily') }}
    where component_code = 'bookings_amount'

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain in ('month', 'quarter')

),

windows as (

    select * from {{ ref('kpi_windows') }}
    where period_grain in ('month', 'quarter')

),

-- a period that is over came to what was booked in it, a running one is compared with whole ones
asked as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        periods.period_start_date as asked_start_date,
        periods.period_end_date as asked_end_date

    from windows
    inner join periods
        on
            windows.period_grain = periods.period_grain
            and windows.window_start_date = periods.period_start_date
    where not periods.is_partial_period

),

final as (

    select
        'forecast_bookings_amount' as component_code,
        asked.period_grain,
        asked.period_start_date,
        asked.purpose,
        booked.scope_type,
        booked.scope_id,
        cast(sum(booked.component_value) as double) as component_value

    from asked
    inner join booked on booked.component_date between asked.asked_start_date and asked.asked_end_date
    group by asked.period_grain, asked.period_start_date, asked.purpose, booked.scope_type, booked.scope_id

    union all

    select
        'forecast_bookings_amount' as component_code,
        forecasts.period_grain,
        forecasts.period_start_date,
        'value' as purpose,
        forecasts.scope_type,
        forecasts.scope_id,
        cast(forecasts.forecast_amount as double) as component_value

    from forecasts
    inner join periods
        on
            forecasts.period_grain = periods.period_grain
            and forecasts.period_start_date = periods.period_start_date

)

select * from final
