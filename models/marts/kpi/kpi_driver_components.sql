with

registry as (

    select * from {{ ref('kpi_registry') }}

),

components as (

    select * from {{ ref('kpi_components_past') }}

),

by_period as (

    select * from {{ ref('kpi_components_by_period') }}

),

pipeline as (

    select * from {{ ref('fct_pipeline_daily') }}
    where opportunity_type <> 'renewal'

),

windows as (

    select * from {{ ref('kpi_driver_windows') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- what no KPI of teams is made of need not be taken apart
used as (

    select numerator as component_code from registry where {{ is_listed("'team'", 'scopes') }}
    union
    select denominator as component_code from registry where {{ is_listed("'team'", 'scopes') }}

),

days as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.side,
        dates.date_day

    from windows
    inner join dates on dates.date_day between windows.window_start_date and windows.window_end_date

),

dated as (

    select
        days.period_grain,
        days.period_start_date,
        days.side,
        components.component_code,
        components.rep_id,
        components.team_id,
        components.segment,
        components.channel,
        components.product,
        components.component_value

    from components
    inner join used on components.component_code = used.component_code
    inner join days on components.component_date = days.date_day

    union all

    -- a stock is what stands on the last day
    select
        windows.period_grain,
        windows.period_start_date,
        windows.side,
        'pipeline_open_amount' as component_code,
        pipeline.rep_id,
        pipeline.team_id,
        pipeline.segment,
        pipeline.channel,
        pipeline.product,
        coalesce(pipeline.open_amount, 0) as component_value

    from pipeline
    inner join windows on pipeline.pipeline_date = windows.window_end_date

),

crossed as (

    select
        component_code,
        period_grain,
        period_start_date,
        side,
        {{ driver_columns() }},
        sum(component_value) as component_value

    from dated
    group by {{ driver_grouping_sets(['component_code', 'period_grain', 'period_start_date', 'side']) }}

),

-- the members of the company are the scopes themselves
sided as (

    select component_code, period_grain, period_start_date, side, scope_type, scope_id, driver_type, driver, component_value
    from crossed
    -- a week of a rep is too few records to be split
    where scope_type = 'team' or period_grain <> 'week'

    union all

    select
        by_period.component_code,
        windows.period_grain,
        windows.period_start_date,
        windows.side,
        'company' as scope_type,
        'all' as scope_id,
        by_period.scope_type as driver_type,
        by_period.scope_id as driver,
        by_period.component_value

    from by_period
    inner join windows
        on
            by_period.period_grain = windows.period_grain
            and by_period.period_start_date = windows.part_start_date
            and by_period.purpose = windows.part_purpose
    where by_period.scope_type <> 'company'

),

final as (

    select
        component_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        driver_type,
        driver,
        cast(sum(case when side = 'previous' then component_value else 0 end) as double) as previous_component_value,
        cast(sum(case when side = 'current' then component_value else 0 end) as double) as component_value

    from sided
    group by component_code, period_grain, period_start_date, scope_type, scope_id, driver_type, driver

)

select * from final
