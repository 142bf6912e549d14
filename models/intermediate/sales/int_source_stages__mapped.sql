with

observed as (

    select * from {{ ref('int_source_stages__observed') }}

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

funnel_stages as (

    select * from {{ ref('funnel_stages') }}

),

final as (

    select
        observed.source_system,
        observed.source_instance,
        observed.pipeline,
        observed.source_stage,
        coalesce(hubspot_stages.source_label, pipedrive_stages.source_label, observed.source_stage) as source_label,
        coalesce(hubspot_stages.stage_position, pipedrive_stages.stage_position) as stage_position,
        observed.records_count,
        -- what closes a deal is the system's own word, never a label; the mapping only tells lost from no decision,
        -- and speaks for exports that carry no such word
        case
            when coalesce(hubspot_stages.is_won, observed.is_won) then 'won'
            when coalesce(hubspot_stages.is_closed, observed.is_closed)
                then case when mapping.stage = 'no_decision' then 'no_decision' else 'lost' end
            -- a mapped source may use the funnel's own words
            else coalesce(mapping.stage, funnel_stages.stage)
        end as stage

    from observed
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
    left join funnel_stages on case when observed.source_system = 'custom' then observed.source_stage end = funnel_stages.stage

)

select * from final
