with

first_touches as (

    select * from {{ ref('fct_first_touches') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

-- how long people are given is said once, in the registry: the figure is mature when it has passed
windows as (

    select
        max(case when kpi_code = 'response_rate' then try_cast(matures_after as bigint) end) as answer_days,
        max(case when kpi_code = 'meeting_booking_rate' then try_cast(matures_after as bigint) end) as booking_days,
        max(case when kpi_code = 'call_to_qualified_meeting_rate' then try_cast(matures_after as bigint) end) as call_days,
        max(case when kpi_code = 'email_to_qualified_meeting_rate' then try_cast(matures_after as bigint) end) as email_days

    from registry

),

final as (

    select
        first_touches.contact_id,
        first_touches.touch_kind,
        first_touches.touched_date,
        first_touches.rep_id,
        first_touches.team_id,
        coalesce(date_diff('day', first_touches.touched_date, first_touches.delivered_date) <= windows.answer_days, false) as is_delivered,
        coalesce(date_diff('day', first_touches.touched_date, first_touches.answered_date) <= windows.answer_days, false) as is_answered,
        coalesce(date_diff('day', first_touches.touched_date, first_touches.meeting_booked_date) <= windows.booking_days, false)
            as is_meeting_booked,
        coalesce(
            date_diff('day', first_touches.touched_date, first_touches.qualified_meeting_date)
            <= case first_touches.touch_kind when 'call' then windows.call_days when 'email' then windows.email_days end,
            false
        ) as is_qualified

    from first_touches
    cross join windows

)

select * from final
