with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

owners as (

    select * from {{ ref('int_opportunity_owners__spelled') }}

),

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

closings as (

    select
        opportunity_id,
        max(entered_at) as closed_at

    from visits
    where stage in ('won', 'lost', 'no_decision')
    group by opportunity_id

),

-- a closed deal belongs to who owned it when it closed, an open one to its present owner
final as (

    select
        opportunities.opportunity_id,
        case when opportunities.status <> 'open' then max(closings.closed_at) end as closed_at,
        coalesce(
            max_by(owners.rep_id, owners.owned_from) filter (
                where opportunities.status = 'open' or owners.owned_from <= closings.closed_at
            ),
            min_by(owners.rep_id, owners.owned_from),
            'unallocated'
        ) as owner_rep_id

    from opportunities
    left join closings on opportunities.opportunity_id = closings.opportunity_id
    left join owners on opportunities.opportunity_id = owners.opportunity_id
    group by opportunities.opportunity_id, opportunities.status

)

select * from final
