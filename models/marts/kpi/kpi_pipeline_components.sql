with

daily as (

    select * from {{ ref('fct_pipeline_daily') }}
    where opportunity_type <> 'renewal'

),

parts as (

    select * from {{ ref('funnel_pipeline_parts') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

-- a stock is what stands on the last day of the period; a company without an open deal has a pipeline of nought
stood as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        daily.rep_id,
        daily.team_id,
        daily.segment,
        daily.channel,
        daily.product,
        coalesce(daily.open_amount, 0) as open_amount

    from windows
    left join daily on windows.window_end_date = daily.pipeline_date

),

stocks as (

    select
        period_grain,
        period_start_date,
        purpose,
        {{ scope_columns() }},
        bool_and(rep_id is null) as is_empty,
        sum(open_amount) as open_amount

    from stood
    group by {{ scope_grouping_sets(['period_grain', 'period_start_date', 'purpose']) }}

),

final as (

    select
        'pipeline_open_amount' as component_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        cast(open_amount as double) as component_value

    from stocks
    where scope_type = 'company' or not is_empty

    union all

    select
        'pipeline_due_count' as component_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        cast(due_count as double) as component_value

    from parts
    where due_count > 0

    union all

    select
        'pipeline_pushed_count' as component_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        cast(pushed_count as double) as component_value

    from parts
    where pushed_count > 0

    union all

    select
        'pipeline_due_amount' as component_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        cast(open_due_amount as double) as component_value

    from parts
    where target_amount > won_amount

    union all

    -- nothing remains of a target that is reached, and nothing is covered
    select
        'target_gap_amount' as component_code,
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        cast(greatest(target_amount - won_amount, 0) as double) as component_value

    from parts
    where target_amount is not null

)

select * from final
