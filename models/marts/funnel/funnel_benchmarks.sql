with

steps as (

    select * from {{ ref('funnel_steps_by_period') }}
    where view = 'cohort' and period_grain = 'quarter'

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain = 'quarter'

),

quarters as (

    select
        period_start_date,
        row_number() over (order by period_start_date) as quarter_number

    from periods

),

numbered as (

    select
        quarters.quarter_number,
        steps.*

    from steps
    inner join quarters on steps.period_start_date = quarters.period_start_date

),

-- a quarter and the three before it; one quarter alone is no habit
final as (

    select
        cast(quarters.quarter_number as bigint) as last_quarter_number,
        numbered.scope_type,
        numbered.scope_id,
        numbered.from_stage,
        numbered.to_stage,
        numbered.counting,
        cast(sum(numbered.converted_count) as double) / nullif(sum(numbered.entrants_count), 0) as benchmark_rate

    from quarters
    inner join numbered on numbered.quarter_number between quarters.quarter_number - 3 and quarters.quarter_number
    group by
        quarters.quarter_number, numbered.scope_type, numbered.scope_id, numbered.from_stage, numbered.to_stage, numbered.counting
    having count(*) >= 2

)

select * from final
