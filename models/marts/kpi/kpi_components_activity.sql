with

activities as (

    select * from {{ ref('fct_activities') }}

),

activity_people as (

    select * from {{ ref('fct_activity_people') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

traffic as (

    select * from {{ ref('fct_web_traffic') }}

),

done as (

    select
        occurred_date as component_date,
        rep_id,
        team_id,
        sum(case when is_call_made then 1 else 0 end) as calls_made,
        sum(case when is_call_connected then 1 else 0 end) as calls_connected,
        sum(case when is_email_sent then 1 else 0 end) as emails_sent,
        sum(case when is_meeting_held then 1 else 0 end) as meetings_held

    from activities
    group by occurred_date, rep_id, team_id

),

booked as (

    select
        recorded_date as component_date,
        rep_id,
        team_id,
        count(*) as meetings_booked

    from activities
    where is_meeting_booked
    group by recorded_date, rep_id, team_id

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

created as (

    select
        created_date as component_date,
        created_rep_id as rep_id,
        created_team_id as team_id,
        segment,
        channel,
        product,
        count(*) as opportunities_created

    from opportunities
    where opportunity_type = 'new_business'
    group by created_date, created_rep_id, created_team_id, segment, channel, product

),

visited as (

    select
        visit_date as component_date,
        channel,
        sum(visits_count) as website_visits,
        sum(demo_requests_count) as demo_requests

    from traffic
    group by visit_date, channel

),

unioned as (

    select 'calls_made' as component_code, component_date, rep_id, team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, calls_made as component_value from done
    union all
    select 'calls_connected' as component_code, component_date, rep_id, team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, calls_connected as component_value from done
    union all
    select 'emails_sent' as component_code, component_date, rep_id, team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, emails_sent as component_value from done
    union all
    select 'meetings_held' as component_code, component_date, rep_id, team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, meetings_held as component_value from done
    union all
    select 'meetings_booked' as component_code, component_date, rep_id, team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, meetings_booked as component_value from booked
    union all
    select 'leads_contacted' as component_code, component_date, rep_id, team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, leads_contacted as component_value from first_touched
    union all
    select 'new_contacts' as component_code, component_date, rep_id, team_id, segment, channel, 'unknown' as product, new_contacts as component_value from known
    union all
    select 'opportunities_created' as component_code, component_date, rep_id, team_id, segment, channel, product, opportunities_created as component_value from created
    union all
    select 'website_visits' as component_code, component_date, 'unallocated' as rep_id, 'unallocated' as team_id, 'unknown' as segment, channel, 'unknown' as product, website_visits as component_value from visited
    union all
    select 'demo_requests' as component_code, component_date, 'unallocated' as rep_id, 'unallocated' as team_id, 'unknown' as segment, channel, 'unknown' as product, demo_requests as component_value from visited

),

final as (

    select
        component_code,
        component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(component_value as decimal(24, 6)) as component_value

    from unioned
    where component_value <> 0 and component_date is not null

)

select * from final
