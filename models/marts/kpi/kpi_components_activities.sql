with

activities as (

    select * from {{ ref('fct_activities') }}

),

done as (

    select
        occurred_date as component_date,
        rep_id,
        team_id,
        sum(case when is_call_made then 1 else 0 end) as calls_made,
        sum(case when is_call_connected then 1 else 0 end) as calls_connected,
        sum(case when is_email_sent then 1 else 0 end) as emails_sent,
        sum(case when is_meeting_held then 1 else 0 end) as meetings_held,
        -- of what nobody logged it is not known whether anybody came
        sum(case when is_meeting_held and not is_inferred then 1 else 0 end) as meetings_shown,
        sum(case when is_meeting_held and not is_inferred or is_meeting_missed then 1 else 0 end) as meetings_logged,
        sum(case when is_meeting_held or is_meeting_missed then 1 else 0 end) as meetings_due

    from activities
    group by occurred_date, rep_id, team_id

),

booked as (

    select
        recorded_date as component_date,
        rep_id,
        recorded_team_id as team_id,
        count(*) as meetings_booked

    from activities
    where is_meeting_booked
    group by recorded_date, rep_id, recorded_team_id

),

final as (
    {{ components_of(
        'done',
        [
            'calls_made', 'calls_connected', 'emails_sent', 'meetings_held', 'meetings_shown', 'meetings_logged',
            'meetings_due'
        ],
        ['rep_id', 'team_id']
    ) }}
    union all
    {{ components_of('booked', ['meetings_booked'], ['rep_id', 'team_id']) }}

)

select * from final
