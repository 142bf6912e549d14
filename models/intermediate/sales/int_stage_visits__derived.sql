with

changes as (

    select * from {{ ref('int_stage_changes__conformed') }}

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

final as (

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

)

select * from final
