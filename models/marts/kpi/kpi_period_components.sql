with

windows as (

    select * from {{ ref('kpi_windows') }}
    where period_grain <> 'week'

),

daily as (

    select * from {{ ref('fct_pipeline_daily') }}
    where opportunity_type = 'new_business' and coalesce(stage, 'unknown') not in ('lead', 'mql', 'sql')

),

quotas as (

    select * from {{ ref('kpi_quotas') }}
    where quota_amount > 0

),

cohorts as (

    select * from {{ ref('kpi_cohort_margins') }}
    where is_to_date

),

open_days as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        date_diff('day', windows.window_start_date, windows.window_end_date) + 1 as days_count,
        daily.rep_id,
        daily.team_id,
        daily.segment,
        daily.channel,
        daily.product,
        daily.open_count

    from windows
    inner join daily on daily.pipeline_date between windows.window_start_date and windows.window_end_date

),

-- how many are worked on at a time: the mean of the days, so that a month and a year can be compared
worked as (

    select
        period_grain,
        period_start_date,
        purpose,
        {{ scope_columns() }},
        cast(sum(open_count) as double) / days_count as open_count

    from open_days
    group by {{ scope_grouping_sets(['period_grain', 'period_start_date', 'purpose', 'days_count']) }}

),

final as (

    select
        'opportunities_in_progress' as component_code, period_grain, period_start_date, purpose, scope_type, scope_id,
        open_count as component_value
    from worked

    union all

    -- what is compared with a running period is held against the whole quota of its own period
    select
        'quota_amount' as component_code, windows.period_grain, windows.period_start_date, windows.purpose, quotas.scope_type,
        quotas.scope_id, quotas.quota_amount as component_value
    from quotas
    inner join windows
        on
            quotas.period_grain = windows.period_grain
            and quotas.period_start_date = windows.window_start_date

    union all

    select
        'cohort_margin_amount' as component_code, period_grain, period_start_date, 'value' as purpose, scope_type, scope_id,
        cumulative_margin_amount as component_value
    from cohorts
    where cumulative_margin_amount is not null

    union all

    select
        'cohort_margin_amount_squares' as component_code, period_grain, period_start_date, 'value' as purpose, scope_type, scope_id,
        margin_squares as component_value
    from cohorts
    where cumulative_margin_amount is not null

)

select * from final
