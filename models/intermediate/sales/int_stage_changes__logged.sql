with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

stages as (

    select * from {{ ref('int_source_stages__mapped') }}

),

known as (

    select
        opportunities.opportunity_id,
        opportunities.status,
        changes.source_stage,
        stages.stage,
        changes.changed_at,
        changes.change_number,
        changes.origin = 'assumed' as is_inferred,
        -- a closing that stands is dated by the system where it says when, not by the delivery that shows it first
        changes.origin = 'delivered'
        and stages.stage in ('won', 'lost', 'no_decision')
        and opportunities.status <> 'open'
        and coalesce(opportunities.closed_at, {{ local_midnight('opportunities.close_date') }}) is not null
        and changes.change_number = max(changes.change_number) over (partition by opportunities.opportunity_id) as is_told

    from changes
    inner join opportunities on changes.opportunity_id = opportunities.opportunity_id
    left join stages
        on
            opportunities.source_instance = stages.source_instance
            and opportunities.pipeline = stages.pipeline
            and changes.source_stage = stages.source_stage
    where changes.field_name = 'stage' and changes.source_stage is not null

),

final as (

    select
        opportunity_id,
        status,
        source_stage,
        stage,
        changed_at,
        change_number,
        is_inferred

    from known
    where not coalesce(is_told, false)

)

select * from final
