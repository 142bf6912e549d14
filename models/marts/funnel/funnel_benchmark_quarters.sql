with

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

windows as (

    select * from {{ ref('funnel_windows') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

mature_quarters as (

    select
        windows.from_stage,
        windows.to_stage,
        quarters.period_number as quarter_number,
        quarters.period_end_date

    from periods as quarters
    cross join clocks
    inner join dates on quarters.period_end_date = dates.date_day
    inner join windows
        on
            dates.fiscal_year = windows.fiscal_year
            and quarters.period_end_date + cast(windows.window_days as integer) <= clocks.as_of_date
    where quarters.period_grain = 'quarter'

),

-- the last mature quarter before the period began
final as (

    select
        periods.period_grain,
        periods.period_start_date,
        mature_quarters.from_stage,
        mature_quarters.to_stage,
        cast(max(mature_quarters.quarter_number) as bigint) as last_quarter_number

    from periods
    inner join mature_quarters on periods.period_start_date > mature_quarters.period_end_date
    group by periods.period_grain, periods.period_start_date, mature_quarters.from_stage, mature_quarters.to_stage

)

select * from final
