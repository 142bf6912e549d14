with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

logged as (

    select * from {{ ref('int_stage_changes__logged') }}

),

last_logged as (

    select
        opportunity_id,
        max(changed_at) as changed_at,
        max_by(stage, change_number) as stage

    from logged
    group by opportunity_id

),

-- a closing that no history tells (an export without one, a status apart from the stages) is at the close date
closings as (

    select
        opportunities.opportunity_id,
        opportunities.status,
        opportunities.source_stage,
        opportunities.status as stage,
        greatest(
            coalesce(opportunities.closed_at, {{ local_midnight('opportunities.close_date') }}, opportunities.created_at),
            coalesce(last_logged.changed_at, opportunities.created_at)
        ) as changed_at,
        cast(null as bigint) as change_number,
        opportunities.closed_at is null as is_inferred

    from opportunities
    left join last_logged on opportunities.opportunity_id = last_logged.opportunity_id
    where
        opportunities.status <> 'open'
        and coalesce(last_logged.stage not in ('won', 'lost', 'no_decision'), true)

),

-- without any history the present stage was entered, at the earliest, when the deal was made
unlogged as (

    select
        opportunities.opportunity_id,
        opportunities.status,
        opportunities.source_stage,
        opportunities.stage,
        opportunities.created_at as changed_at,
        cast(null as bigint) as change_number,
        true as is_inferred

    from opportunities
    left join last_logged on opportunities.opportunity_id = last_logged.opportunity_id
    where
        last_logged.opportunity_id is null
        and opportunities.source_stage is not null
        and coalesce(opportunities.stage not in ('won', 'lost', 'no_decision'), true)

),

unioned as (

    select * from logged
    union all
    select * from closings
    union all
    select * from unlogged

),

final as (

    select
        opportunity_id,
        source_stage,
        -- of a deal without decision the last closing is one too, where only the reason tells
        case when stage = 'lost' and status = 'no_decision' then 'no_decision' else stage end as stage,
        changed_at,
        -- in the order they happened; a closing that no history tells comes last
        row_number() over (
            partition by opportunity_id
            order by changed_at, change_number nulls last
        ) as change_number,
        is_inferred

    from unioned

)

select * from final
