with

deliveries as (

    select * from {{ ref('int_opportunity_deliveries__unioned') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__resolved') }}
    where is_deleted

),

-- a deal that stands in the newest delivery has no next one yet
last_seen as (

    select
        opportunity_id,
        max(next_covered_date) as removed_date

    from deliveries
    group by opportunity_id
    having count(*) filter (where next_covered_date is null) = 0

),

-- a deal that was closed when it was last seen is in no pipeline that it could be taken out of
final as (

    select
        opportunities.opportunity_id,
        opportunities.source_system,
        opportunities.source_instance,
        opportunities.account_id,
        opportunities.owner_source_id,
        opportunities.pipeline,
        opportunities.source_stage,
        coalesce(opportunities.stage, 'opportunity') as stage,
        opportunities.opportunity_type,
        opportunities.source_value,
        opportunities.product,
        opportunities.currency_code,
        opportunities.amount_local,
        opportunities.close_date,
        opportunities.created_at,
        last_seen.removed_date

    from opportunities
    inner join last_seen on opportunities.opportunity_id = last_seen.opportunity_id
    where opportunities.status = 'open'

)

select * from final
