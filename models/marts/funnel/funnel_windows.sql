with

entries as (

    select * from {{ ref('fct_stage_entries') }}

),

steps as (

    select * from {{ ref('funnel_steps') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain = 'year'

),

dates as (

    select * from {{ ref('dim_dates') }}

),

years as (

    select
        dates.fiscal_year,
        periods.period_start_date as start_date

    from periods
    inner join dates on periods.period_start_date = dates.date_day

),

waits as (

    select
        steps.from_stage,
        steps.to_stage,
        entered.reached_date as entered_date,
        reached.reached_date,
        date_diff('day', entered.reached_date, reached.reached_date) as wait_days

    from steps
    inner join stages on steps.from_stage = stages.stage
    inner join entries as entered
        on
            steps.from_stage = entered.stage
            and stages.counting_unit = entered.counting_unit
    inner join entries as reached
        on
            entered.counting_unit = reached.counting_unit
            and entered.record_id = reached.record_id
            and steps.to_stage = reached.stage

),

-- what was known when the year began, of cohorts that had a year at least to convert
measured as (

    select
        years.fiscal_year,
        waits.from_stage,
        waits.to_stage,
        count(*) as converters_count,
        ceil(round(percentile_cont(0.9) within group (order by waits.wait_days), 9)) as window_days

    from years
    inner join waits
        on
            waits.entered_date >= years.start_date - interval 36 month
            and waits.entered_date < years.start_date - interval 12 month
            and waits.reached_date < years.start_date
    group by years.fiscal_year, waits.from_stage, waits.to_stage

),

final as (

    select
        years.fiscal_year,
        steps.from_stage,
        steps.to_stage,
        cast(case
            when coalesce(measured.converters_count, 0) >= {{ var('minimum_converters') }} then measured.window_days
            else steps.default_window_days
        end as bigint) as window_days,
        cast(coalesce(measured.converters_count, 0) as bigint) as converters_count

    from years
    cross join steps
    left join measured
        on
            years.fiscal_year = measured.fiscal_year
            and steps.from_stage = measured.from_stage
            and steps.to_stage = measured.to_stage

)

select * from final
