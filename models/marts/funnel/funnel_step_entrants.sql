with

entries as (

    select * from {{ ref('funnel_entries') }}

),

steps as (

    select * from {{ ref('funnel_steps') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

windows as (

    select * from {{ ref('funnel_windows') }}

),

exits as (

    select * from {{ ref('funnel_exits') }}

),

final as (

    select
        entered.counting_unit,
        entered.record_id,
        steps.from_stage,
        steps.to_stage,
        entered.counting,
        entered.entered_date,
        entered.rep_id,
        entered.team_id,
        entered.segment,
        entered.channel,
        entered.product,
        windows.window_days,
        converted.entered_date as converted_date,
        coalesce(date_diff('day', entered.entered_date, converted.entered_date) <= windows.window_days, false) as is_converted_in_window,
        -- a deal lost on paper before it entered the stage leaves it on the day it came
        case
            when converted.entered_date is null and exits.lost_date is not null then greatest(exits.lost_date, entered.entered_date)
        end as lost_date

    from steps
    inner join stages on steps.from_stage = stages.stage
    inner join entries as entered
        on
            steps.from_stage = entered.stage
            and stages.counting_unit = entered.counting_unit
    inner join windows
        on
            entered.fiscal_year = windows.fiscal_year
            and steps.from_stage = windows.from_stage
            and steps.to_stage = windows.to_stage
    left join entries as converted
        on
            entered.counting_unit = converted.counting_unit
            and entered.record_id = converted.record_id
            and entered.counting = converted.counting
            and steps.to_stage = converted.stage
    left join exits
        on
            entered.counting_unit = exits.counting_unit
            and entered.record_id = exits.record_id

)

select * from final
