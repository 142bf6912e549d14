with

opportunities as (

    select * from {{ ref('int_opportunities__unioned') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

hubspot_stages as (

    select * from {{ ref('stg_hubspot__pipeline_stages') }}

),

pipedrive_stages as (

    select * from {{ ref('stg_pipedrive__stages') }}

),

mapping as (

    select * from {{ ref('stage_mapping') }}

),

-- present stages say by their records whether they win or lose
present as (

    select
        source_system,
        source_instance,
        pipeline,
        source_stage,
        count(*) as opportunities_count,
        bool_or(coalesce(is_won, false)) as is_won,
        bool_and(coalesce(is_closed, false)) as is_closed

    from opportunities
    where source_stage is not null and not is_deleted
    group by source_system, source_instance, pipeline, source_stage

),

past as (

    select
        opportunities.source_system,
        opportunities.source_instance,
        opportunities.pipeline,
        changes.source_stage,
        count(*) as changes_count

    from changes
    inner join opportunities on changes.opportunity_id = opportunities.opportunity_id
    where changes.field_name = 'stage' and changes.source_stage is not null and not opportunities.is_deleted
    group by opportunities.source_system, opportunities.source_instance, opportunities.pipeline, changes.source_stage

),

observed as (

    select source_system, source_instance, pipeline, source_stage from present
    union
    select source_system, source_instance, pipeline, source_stage from past

),

final as (

    select
        observed.source_system,
        observed.source_instance,
        observed.pipeline,
        observed.source_stage,
        coalesce(hubspot_stages.source_label, pipedrive_stages.source_label, observed.source_stage) as source_label,
        coalesce(hubspot_stages.stage_position, pipedrive_stages.stage_position) as stage_position,
        coalesce(present.opportunities_count, 0) as opportunities_count,
        coalesce(past.changes_count, 0) as changes_count,
        -- what closes a deal is the system's own word, never a label; the mapping only tells lost from no decision,
        -- and speaks for exports that carry no such word
        case
            when coalesce(hubspot_stages.is_won, present.is_won, false) then 'won'
            when coalesce(hubspot_stages.is_closed, present.is_closed, false)
                then case when mapping.stage = 'no_decision' then 'no_decision' else 'lost' end
            else mapping.stage
        end as stage

    from observed
    left join present
        on
            observed.source_instance = present.source_instance
            and observed.pipeline = present.pipeline
            and observed.source_stage = present.source_stage
    left join past
        on
            observed.source_instance = past.source_instance
            and observed.pipeline = past.pipeline
            and observed.source_stage = past.source_stage
    left join hubspot_stages
        on
            observed.source_instance = hubspot_stages.source_instance
            and observed.pipeline = hubspot_stages.pipeline
            and observed.source_stage = hubspot_stages.source_stage
    left join pipedrive_stages
        on
            observed.source_instance = pipedrive_stages.source_instance
            and observed.source_stage = pipedrive_stages.source_stage
    left join mapping
        on
            observed.source_system = mapping.source_system
            and observed.source_instance = mapping.source_instance
            and observed.pipeline = coalesce(mapping.pipeline, '')
            and observed.source_stage = mapping.source_stage

)

select * from final
