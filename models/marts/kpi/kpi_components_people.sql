with

activity_people as (

    select * from {{ ref('fct_activity_people') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

first_touched as (

    select
        occurred_date as component_date,
        rep_id,
        team_id,
        count(*) as leads_contacted

    from activity_people
    where is_first_touch
    group by occurred_date, rep_id, team_id

),

known as (

    select
        first_known_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        count(*) as new_contacts

    from leads
    where not is_excluded
    group by first_known_date, rep_id, team_id, segment, channel

),

-- people whose first attempt can be timed, whether it was made or not, by the day their record was made
timed as (

    select
        {{ local_date('created_at') }} as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        count(*) as speed_to_lead_people,
        sum(case when speed_to_lead_minutes <= 60 then 1 else 0 end) as people_attempted_within_60

    from leads
    where not is_excluded and not is_active_before_record
    group by {{ local_date('created_at') }}, rep_id, team_id, segment, channel

),

final as (
    {{ components_of('first_touched', ['leads_contacted'], ['rep_id', 'team_id']) }}
    union all
    {{ components_of('known', ['new_contacts'], ['rep_id', 'team_id', 'segment', 'channel']) }}
    union all
    {{ components_of(
        'timed',
        ['speed_to_lead_people', 'people_attempted_within_60'],
        ['rep_id', 'team_id', 'segment', 'channel']
    ) }}

)

select * from final
