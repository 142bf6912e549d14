with

activities as (

    select * from {{ ref('int_activities__unioned') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

-- what counts as what: one place for calls made, e-mails sent, meetings held, touches and answers
judged as (

    select
        activities.*,
        {{ local_date('activities.recorded_at') }} as recorded_date,
        activities.occurred_date <= clocks.as_of_date as is_past,
        activities.activity_type = 'call' and activities.direction = 'outbound' and activities.is_completed as is_call_made,
        activities.activity_type = 'email' and activities.direction = 'outbound' and activities.is_completed and activities.outcome = 'sent' as is_email_sent,
        activities.activity_type = 'meeting' and activities.outcome <> 'rescheduled' as is_meeting,
        activities.activity_type = 'meeting' and activities.outcome in ('held', 'not_logged') as is_meeting_kept,
        -- of a meeting cancelled nobody knows when it cannot be said that the time was lost
        activities.activity_type = 'meeting' and (
            activities.outcome = 'no_show'
            or activities.outcome = 'cancelled'
            and coalesce(activities.modified_at > activities.occurred_at - interval {{ var('late_cancellation_hours') }} hour, false)
        ) as is_meeting_missed

    from activities
    cross join clocks

),

final as (

    select
        source_system,
        source_instance,
        activity_id,
        activity_type,
        direction,
        outcome,
        is_completed,
        duration_seconds,
        occurred_at,
        occurred_date,
        recorded_at,
        recorded_date,
        rep_id,
        opportunity_id,
        is_call_made and is_past as is_call_made,
        is_call_made and is_past and outcome = 'connected' as is_call_connected,
        is_email_sent and is_past as is_email_sent,
        is_meeting as is_meeting_booked,
        is_meeting_kept and is_past as is_meeting_held,
        is_meeting_kept and is_past and outcome = 'not_logged' as is_inferred,
        is_meeting_missed and is_past as is_meeting_missed,
        is_past and (is_call_made or is_email_sent or is_meeting_kept) as is_touch,
        -- a wrong number is to a call what a bounce is to an e-mail
        is_past and (is_call_made and outcome <> 'wrong_number' or is_email_sent or is_meeting_kept) as is_delivered,
        is_past and activity_type = 'call' and direction = 'inbound' and outcome = 'connected' as is_two_way,
        is_past and (
            activity_type = 'call' and outcome = 'connected' and is_completed
            or activity_type = 'email' and direction = 'inbound'
            or is_meeting_kept
        ) as is_answer

    from judged

)

select * from final
