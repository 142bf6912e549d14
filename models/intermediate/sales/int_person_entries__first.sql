with

people as (

    select * from {{ ref('int_people__conformed') }}
    where exclusion_rule_id is null

),

links as (

    select * from {{ ref('int_opportunity_people__linked') }}
    where is_credited

),

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}
    where opportunity_type = 'new_business'

),

opportunity_stages as (

    select * from {{ ref('int_opportunity_stages__reached') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

-- a person reaches the later stages with the new business credited to it
unioned as (

    select contact_id, 'lead' as stage, lead_at as entered_at, {{ local_date('lead_at') }} as entered_date, {{ local_date('lead_at') }} as seen_date
    from people
    union all
    select contact_id, 'mql' as stage, mql_at as entered_at, {{ local_date('mql_at') }} as entered_date, {{ local_date('mql_at') }} as seen_date
    from people
    union all
    select contact_id, 'sql' as stage, sql_at as entered_at, {{ local_date('sql_at') }} as entered_date, {{ local_date('sql_at') }} as seen_date
    from people
    union all
    select
        links.contact_id,
        opportunity_stages.stage,
        min(opportunity_stages.reached_at) as entered_at,
        min(opportunity_stages.reached_date) as entered_date,
        min(opportunity_stages.strict_date) as seen_date
    from links
    inner join people on links.contact_id = people.contact_id
    inner join opportunities on links.opportunity_id = opportunities.opportunity_id
    inner join opportunity_stages on links.opportunity_id = opportunity_stages.opportunity_id
    group by links.contact_id, opportunity_stages.stage

),

final as (

    select
        unioned.contact_id,
        unioned.stage,
        stages.position,
        unioned.entered_at,
        unioned.entered_date,
        unioned.seen_date,
        true as is_standing

    from unioned
    inner join stages on unioned.stage = stages.stage
    where unioned.entered_date is not null

)

select * from final
