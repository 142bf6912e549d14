with

changes as (

    select * from {{ ref('int_stage_changes__conformed') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

-- some histories repeat the stage at every change of something else
entries as (

    select
        *,
        lag(coalesce(source_stage, '') || '|' || coalesce(stage, '')) over (
            partition by opportunity_id
            order by change_number
        ) as previous_stage

    from changes

),

visits as (

    select
        opportunity_id,
        source_stage,
        stage,
        changed_at as entered_at,
        lead(changed_at) over (partition by opportunity_id order by change_number) as exited_at,
        cast(row_number() over (partition by opportunity_id, stage order by change_number) as bigint) as visit_number,
        cast(row_number() over (partition by opportunity_id order by change_number) as bigint) as visit_position,
        is_inferred

    from entries
    where previous_stage is null or previous_stage <> coalesce(source_stage, '') || '|' || coalesce(stage, '')

),

-- a history that does not begin with the deal may have lost the stages before: fields are remembered for 18 to 24 months
final as (

    select
        visits.opportunity_id,
        visits.source_stage,
        visits.stage,
        visits.entered_at,
        visits.exited_at,
        visits.visit_number,
        visits.visit_position,
        visits.is_inferred,
        visits.visit_position = 1
        and (visits.is_inferred or visits.entered_at >= opportunities.created_at + interval 1 day) as is_left_truncated

    from visits
    inner join opportunities on visits.opportunity_id = opportunities.opportunity_id

)

select * from final
