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

judged as (

    select
        first_touches.*,
        date_diff('day', touched_date, delivered_date) <= windows.answer_days as is_delivered,
        date_diff('day', touched_date, answered_date) <= windows.answer_days as is_answered,
        date_diff('day', touched_date, meeting_booked_date) <= windows.booking_days as is_booked,
        date_diff('day', touched_date, qualified_meeting_date)
        <= case touch_kind when 'call' then windows.call_days when 'email' then windows.email_days end as is_qualified

    from first_touches
    cross join windows

),

counted as (

    select
        touched_date as component_date,
        rep_id,
        team_id,
        sum(case when touch_kind = 'any' and is_delivered then 1 else 0 end) as people_delivered_to,
        sum(case when touch_kind = 'any' and is_delivered and is_answered then 1 else 0 end) as people_answered,
        sum(case when touch_kind = 'any' and is_booked then 1 else 0 end) as people_booked,
        sum(case when touch_kind = 'call' then 1 else 0 end) as people_called,
        sum(case when touch_kind = 'call' and is_qualified then 1 else 0 end) as people_called_and_qualified,
        sum(case when touch_kind = 'email' then 1 else 0 end) as people_emailed,
        sum(case when touch_kind = 'email' and is_qualified then 1 else 0 end) as people_emailed_and_qualified

    from judged
    group by touched_date, rep_id, team_id

),

final as (
    {{ components_of(
        'counted',
        [
            'people_delivered_to', 'people_answered', 'people_booked', 'people_called', 'people_called_and_qualified',
            'people_emailed', 'people_emailed_and_qualified'
        ],
        ['rep_id', 'team_id']
    ) }}

)

select * from final
