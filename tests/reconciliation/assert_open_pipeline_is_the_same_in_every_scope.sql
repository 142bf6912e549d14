-- The open pipeline of a day is that of its deals, and the stock that KPIs show: the same for the company and for the sum
-- of its reps, teams, segments, channels and products.
with

daily as (

    select * from {{ ref('fct_pipeline_daily') }}
    where opportunity_type <> 'renewal'

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

components as (

    select * from {{ ref('kpi_pipeline_components') }}
    where component_code = 'pipeline_open_amount'

),

stood as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        sum(daily.open_amount) as open_amount

    from windows
    inner join daily on windows.window_end_date = daily.pipeline_date
    group by windows.period_grain, windows.period_start_date, windows.purpose

),

shown as (

    select
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        sum(component_value) as open_amount

    from components
    group by period_grain, period_start_date, purpose, scope_type

),

final as (

    select
        stood.period_grain,
        stood.period_start_date,
        stood.purpose,
        shown.scope_type

    from stood
    left join shown
        on
            stood.period_grain = shown.period_grain
            and stood.period_start_date = shown.period_start_date
            and stood.purpose = shown.purpose
    where abs(coalesce(stood.open_amount, 0) - coalesce(shown.open_amount, -1)) > 0.001

)

select * from final
