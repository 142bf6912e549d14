with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}
    where counting_unit = 'opportunity'

),

closings as (

    select
        opportunity_id,
        max(entered_at) as entered_at

    from visits
    where stage in ('won', 'lost', 'no_decision')
    group by opportunity_id

),

entered as (

    select
        visits.opportunity_id,
        visits.stage,
        min(visits.entered_at) as entered_at,
        min(case when not visits.is_inferred then visits.entered_at end) as seen_at

    from visits
    inner join stages on visits.stage = stages.stage
    group by visits.opportunity_id, visits.stage

),

-- making the record enters the first stage, unless a history says it was earlier
created as (

    select
        opportunities.opportunity_id,
        'opportunity' as stage,
        least(opportunities.created_at, coalesce(entered.entered_at, opportunities.created_at)) as entered_at,
        entered.seen_at

    from opportunities
    left join entered
        on
            opportunities.opportunity_id = entered.opportunity_id
            and entered.stage = 'opportunity'

),

-- a win counts as of the closing that stands; one that was taken back proves the stages before it, not itself
won as (

    select
        opportunities.opportunity_id,
        'won' as stage,
        case when opportunities.status = 'won' then closings.entered_at else entered.entered_at end as entered_at,
        entered.seen_at,
        case when opportunities.status = 'won' then opportunities.close_date end as close_date,
        opportunities.status = 'won' as is_standing

    from opportunities
    left join closings on opportunities.opportunity_id = closings.opportunity_id
    left join entered
        on
            opportunities.opportunity_id = entered.opportunity_id
            and entered.stage = 'won'
    where opportunities.status = 'won' or entered.opportunity_id is not null

),

unioned as (

    select opportunity_id, stage, entered_at, {{ local_date('entered_at') }} as entered_date, {{ local_date('seen_at') }} as seen_date, true as is_standing
    from created
    union all
    select opportunity_id, stage, entered_at, {{ local_date('entered_at') }} as entered_date, {{ local_date('seen_at') }} as seen_date, true as is_standing
    from entered
    where stage not in ('opportunity', 'won')
    union all
    select opportunity_id, stage, entered_at, coalesce(close_date, {{ local_date('entered_at') }}) as entered_date, close_date as seen_date, is_standing
    from won

),

final as (

    select
        unioned.opportunity_id,
        unioned.stage,
        stages.position,
        unioned.entered_at,
        unioned.entered_date,
        unioned.seen_date,
        unioned.is_standing

    from unioned
    inner join stages on unioned.stage = stages.stage

)

select * from final
