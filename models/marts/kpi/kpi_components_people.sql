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

final as (
    {{ components_of('first_touched', ['leads_contacted'], ['rep_id', 'team_id']) }}
    union all
    {{ components_of('known', ['new_contacts'], ['rep_id', 'team_id', 'segment', 'channel']) }}

)

select * from final
