with

steps as (

    select * from {{ ref('funnel_steps_by_period') }}
    -- a quarter may be given its time before the one ahead of it, when a year gives a step less time than the year before
    where view = 'cohort' and period_grain = 'quarter' and is_mature

),

quarters as (

    select * from {{ ref('dim_periods') }}
    where period_grain = 'quarter'

),

numbered as (

    select
        quarters.period_number as quarter_number,
        steps.*

    from steps
    inner join quarters on steps.period_start_date = quarters.period_start_date

),

-- a quarter and the three before it; one quarter alone is no habit
final as (

    select
        quarters.period_number as last_quarter_number,
        numbered.scope_type,
        numbered.scope_id,
        numbered.from_stage,
        numbered.to_stage,
        numbered.counting,
        cast(sum(numbered.converted_count) as double) / nullif(sum(numbered.entrants_count), 0) as benchmark_rate

    from quarters
    inner join numbered on numbered.quarter_number between quarters.period_number - 3 and quarters.period_number
    group by
        quarters.period_number, numbered.scope_type, numbered.scope_id, numbered.from_stage, numbered.to_stage, numbered.counting
    having count(*) >= 2

)

select * from final
