with

parts as (

    select * from {{ ref('funnel_pipeline_parts') }}
    where purpose = 'value'

),

periods as (

    select * from {{ ref('dim_periods') }}

),

quarters as (

    select
        *,
        row_number() over (order by period_start_date) as quarter_number

    from periods
    where period_grain = 'quarter' and not is_partial_period

),

-- the last quarter that had ended when a period began
preceded as (

    select
        periods.period_grain,
        periods.period_start_date,
        max(quarters.quarter_number) as last_quarter_number

    from periods
    inner join quarters on periods.period_start_date > quarters.period_end_date
    group by periods.period_grain, periods.period_start_date

),

-- of what was due when each of the four quarters before began, the share that was won in it
history as (

    select
        preceded.period_grain,
        preceded.period_start_date,
        parts.scope_type,
        parts.scope_id,
        sum(parts.opening_due_amount) as history_due_amount,
        sum(parts.due_won_amount) as history_won_amount

    from preceded
    inner join quarters on quarters.quarter_number between preceded.last_quarter_number - 3 and preceded.last_quarter_number
    inner join parts
        on
            parts.period_grain = 'quarter'
            and quarters.period_start_date = parts.period_start_date
    where preceded.last_quarter_number >= 4
    group by preceded.period_grain, preceded.period_start_date, parts.scope_type, parts.scope_id

),

final as (

    select
        parts.period_grain,
        parts.period_start_date,
        parts.scope_type,
        parts.scope_id,
        parts.open_due_amount,
        parts.target_amount,
        parts.won_amount,
        cast(parts.open_due_amount as double) / nullif(greatest(parts.target_amount - parts.won_amount, 0), 0) as coverage_ratio,
        cast(history.history_due_amount as double) / nullif(history.history_won_amount, 0) as needed_coverage_ratio,
        cast(parts.pushed_count as double) / nullif(parts.due_count, 0) as push_rate,
        parts.pushes_count,
        parts.won_amount >= parts.target_amount as is_achieved,
        parts.due_count,
        parts.pushed_count,
        parts.opening_due_amount,
        parts.due_won_amount,
        parts.due_lost_amount,
        parts.slipped_amount,
        cast(parts.slipped_amount as double) / nullif(parts.opening_due_amount, 0) as slippage_rate

    from parts
    left join history
        on
            parts.period_grain = history.period_grain
            and parts.period_start_date = history.period_start_date
            and parts.scope_type = history.scope_type
            and parts.scope_id = history.scope_id

)

select * from final
