with

targets as (

    select * from {{ ref('kpi_targets') }}

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

-- nobody misses the target of a time in which they are not there
final as (

    select targets.*

    from targets
    left join reps on case when targets.scope_type = 'rep' then targets.scope_id end = reps.rep_id
    left join periods
        on
            targets.period_grain = periods.period_grain
            and targets.period_start_date = periods.period_start_date
    where
        coalesce(targets.period_start_date < reps.left_date, true)
        and coalesce(periods.period_end_date >= reps.hired_date, true)

)

select * from final
