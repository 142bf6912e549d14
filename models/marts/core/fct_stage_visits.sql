with

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

final as (

    select
        'opportunity' as counting_unit,
        opportunity_id as record_id,
        visit_position,
        source_stage,
        coalesce(stage, 'unmapped') as stage,
        entered_at,
        exited_at,
        visit_number,
        is_inferred

    from visits

)

select * from final
