with

activities as (

    select * from {{ ref('int_activities__judged') }}

),

links as (

    select * from {{ ref('int_activity_people__linked') }}

),

people as (

    select * from {{ ref('int_people__conformed') }}
    where exclusion_rule_id is null

),

qualifications as (

    select * from {{ ref('fct_qualifications') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

events as (

    select
        people.contact_id,
        activities.*,
        activities.is_meeting_booked and activities.recorded_date <= clocks.as_of_date as is_booking

    from people
    cross join clocks
    inner join links on people.contact_id = links.contact_id
    inner join activities on links.activity_id = activities.activity_id

),

kinds as (

    select contact_id, 'any' as touch_kind, activity_id, occurred_at, occurred_date, rep_id
    from events
    where is_touch
    union all
    select contact_id, activity_type as touch_kind, activity_id, occurred_at, occurred_date, rep_id
    from events
    where is_touch and activity_type in ('call', 'email')

),

first_touches as (

    select
        contact_id,
        touch_kind,
        occurred_at as touched_at,
        occurred_date as touched_date,
        rep_id

    from kinds
    qualify row_number() over (partition by contact_id, touch_kind order by occurred_at, activity_id) = 1

),

-- what followed, from the touch itself on: a call that connects is its own answer, a meeting that was agreed on is one too
followed as (

    select
        first_touches.contact_id,
        first_touches.touch_kind,
        min(case when events.is_delivered and events.occurred_at >= first_touches.touched_at then events.occurred_date end)
            as delivered_date,
        least(
            min(case when events.is_answer and events.occurred_at >= first_touches.touched_at then events.occurred_date end),
            min(case when events.is_booking and events.recorded_at >= first_touches.touched_at then events.recorded_date end)
        ) as answered_date,
        -- one that was booked before anybody reached out, and is still to come, stands booked from the first touch on
        min(case
            when events.is_booking and events.occurred_at >= first_touches.touched_at
                then greatest(events.recorded_date, first_touches.touched_date)
        end) as meeting_booked_date

    from first_touches
    inner join events on first_touches.contact_id = events.contact_id
    group by first_touches.contact_id, first_touches.touch_kind

),

final as (

    select
        first_touches.contact_id,
        first_touches.touch_kind,
        first_touches.touched_at,
        first_touches.touched_date,
        first_touches.rep_id,
        coalesce(spells.team_id, 'unknown') as team_id,
        followed.delivered_date,
        followed.answered_date,
        followed.meeting_booked_date,
        case
            when qualifications.qualified_meeting_date >= first_touches.touched_date then qualifications.qualified_meeting_date
        end as qualified_meeting_date

    from first_touches
    inner join followed
        on
            first_touches.contact_id = followed.contact_id
            and first_touches.touch_kind = followed.touch_kind
    left join qualifications on first_touches.contact_id = qualifications.contact_id
    left join spells on {{ in_spell('spells', 'first_touches.rep_id', 'first_touches.touched_date') }}

)

select * from final
