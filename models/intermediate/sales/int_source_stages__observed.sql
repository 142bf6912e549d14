with

opportunities as (

    select * from {{ ref('int_opportunities__unioned') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

lead_changes as (

    select * from {{ ref('stg_salesforce__lead_changes') }}

),

-- where the stage itself closes a deal, the records in it say whether it wins or loses; elsewhere (Pipedrive's
-- status, a mapped source's) closing is apart from the stage
present as (

    select
        source_system,
        source_instance,
        pipeline,
        source_stage,
        1 as records_count,
        source_system in ('hubspot', 'salesforce') and coalesce(is_won, false) as is_won,
        source_system in ('hubspot', 'salesforce') and coalesce(is_closed, false) as is_closed,
        true as is_present

    from opportunities
    where source_stage is not null and not is_deleted

),

past as (

    select
        opportunities.source_system,
        opportunities.source_instance,
        opportunities.pipeline,
        changes.source_stage,
        1 as records_count,
        false as is_won,
        false as is_closed,
        false as is_present

    from changes
    inner join opportunities on changes.opportunity_id = opportunities.opportunity_id
    where changes.field_name = 'stage' and changes.source_stage is not null and not opportunities.is_deleted

),

-- the statuses of leads are the stages of a pipeline of their own
statuses as (

    select source_system, source_instance, lead_status as source_stage from leads
    where lead_status is not null and not is_deleted
    union all
    select source_system, source_instance, source_stage from lead_changes
    where field_name = 'stage' and source_stage is not null

),

unioned as (

    select * from present
    union all
    select * from past
    union all
    select
        source_system,
        source_instance,
        'lead' as pipeline,
        source_stage,
        1 as records_count,
        false as is_won,
        false as is_closed,
        true as is_present
    from statuses

),

final as (

    select
        source_system,
        source_instance,
        pipeline,
        source_stage,
        cast(sum(records_count) as bigint) as records_count,
        bool_or(is_won) as is_won,
        coalesce(bool_and(is_closed) filter (where is_present), false) as is_closed

    from unioned
    group by source_system, source_instance, pipeline, source_stage

)

select * from final
