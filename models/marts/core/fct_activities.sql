with

activities as (

    select * from {{ ref('int_activities__judged') }}

),

links as (

    select * from {{ ref('int_activity_people__linked') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

counted as (

    select
        activity_id,
        count(*) as people_count

    from links
    group by activity_id

),

final as (

    select
        activities.activity_id,
        activities.source_system,
        activities.source_instance,
        activities.activity_type,
        activities.direction,
        activities.outcome,
        activities.is_completed,
        activities.duration_seconds,
        activities.occurred_at,
        activities.occurred_date,
        activities.recorded_at,
        activities.recorded_date,
        activities.rep_id,
        coalesce(spells.team_id, 'unknown') as team_id,
        coalesce(recorded_spells.team_id, 'unknown') as recorded_team_id,
        activities.opportunity_id,
        cast(coalesce(counted.people_count, 0) as bigint) as people_count,
        activities.is_call_made,
        activities.is_call_connected,
        activities.is_email_sent,
        activities.is_meeting_booked,
        activities.is_meeting_held,
        activities.is_meeting_missed,
        activities.is_inferred,
        activities.is_touch

    from activities
    left join counted on activities.activity_id = counted.activity_id
    left join spells on {{ in_spell('spells', 'activities.rep_id', 'activities.occurred_date') }}
    left join spells as recorded_spells on {{ in_spell('recorded_spells', 'activities.rep_id', 'activities.recorded_date') }}

)

select * from final
