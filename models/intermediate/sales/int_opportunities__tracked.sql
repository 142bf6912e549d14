with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

removed as (

    select * from {{ ref('int_opportunities__removed') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

final as (

    select
        opportunity_id,
        source_instance,
        pipeline,
        source_stage,
        'opportunity' as stage,
        'unallocated' as rep_id,
        amount_local,
        close_date,
        created_at,
        cast(null as date) as removed_date

    from opportunities

    union all

    select
        removed.opportunity_id,
        removed.source_instance,
        removed.pipeline,
        removed.source_stage,
        removed.stage,
        coalesce(owners.rep_id, case when removed.owner_source_id is null then 'unallocated' else 'unknown' end) as rep_id,
        removed.amount_local,
        removed.close_date,
        removed.created_at,
        removed.removed_date

    from removed
    left join owners on removed.owner_source_id = owners.owner_source_id

)

select * from final
