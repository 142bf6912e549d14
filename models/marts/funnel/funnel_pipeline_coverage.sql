with

parts as (

    select * from {{ ref('funnel_pipeline_parts') }}
    where purpose = 'value'

),

periods as (

    select * from {{ ref('dim_periods') }}

),

reaching_back as (

    select
        *,
        case period_grain when 'week' then 52 when 'month' then 12 when 'quarter' then 4 else 2 end as periods_of_history

    from periods

),

-- of what was due when each of the periods of a year before began, or of two years, the share that was won in it
history as (

    select
        reaching_back.period_grain,
        reaching_back.period_start_date,
        parts.scope_type,
        parts.scope_id,
        sum(parts.opening_due_amount) as history_due_amount,
        sum(parts.due_won_amount) as history_won_amount

    from reaching_back
    inner join periods as earlier
        on
            reaching_back.period_grain = earlier.period_grain
            and earlier.period_number < reaching_back.period_number
            and earlier.period_number >= reaching_back.period_number - reaching_back.periods_of_history
    inner join parts
        on
            earlier.period_grain = parts.period_grain
            and earlier.period_start_date = parts.period_start_date
    where reaching_back.period_number > reaching_back.periods_of_history
    group by reaching_back.period_grain, reaching_back.period_start_date, parts.scope_type, parts.scope_id

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
