with

costs as (

    select * from {{ ref('kpi_acquisition_costs') }}

),

lags as (

    select * from {{ ref('kpi_acquisition_lags') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}
    where period_grain <> 'week'

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- a window of whole months is shifted to whole months, whatever their length
shifted as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        windows.window_start_date,
        windows.window_end_date,
        cast(windows.window_start_date - to_months(cast(lags.lag_months as integer)) as date) as cost_start_date,
        cast(windows.window_end_date + 1 - to_months(cast(lags.lag_months as integer)) as date) - 1 as cost_end_date

    from windows
    inner join dates on windows.window_start_date = dates.date_day
    inner join lags on dates.fiscal_year = lags.fiscal_year

),

-- a month before the first one that is booked at all would count as free
begun as (

    select date_trunc('month', min(booked_date)) as first_month_date
    from costs

),

final as (

    select
        'lagged_acquisition_cost_amount' as component_code,
        shifted.period_grain,
        shifted.period_start_date,
        shifted.purpose,
        'company' as scope_type,
        'all' as scope_id,
        cast(sum(costs.acquisition_amount) as double) as component_value

    from shifted
    inner join begun on shifted.cost_start_date >= begun.first_month_date
    inner join costs
        on
            -- commissions are paid on the customers of the period itself
            costs.booked_date >= case when costs.is_commission then shifted.window_start_date else shifted.cost_start_date end
            and costs.booked_date <= case when costs.is_commission then shifted.window_end_date else shifted.cost_end_date end
    group by shifted.period_grain, shifted.period_start_date, shifted.purpose
    having sum(costs.acquisition_amount) <> 0

)

select * from final
