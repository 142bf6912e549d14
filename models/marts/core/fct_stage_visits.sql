with

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

person_entries as (

    select * from {{ ref('int_person_entries__first') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

-- people move on when they enter any later stage, by the deals they are credited with too
moves as (

    select
        contact_id,
        stage,
        position,
        entered_at,
        seen_date is null as is_inferred,
        min(entered_at) over (
            partition by contact_id
            order by position
            rows between 1 following and unbounded following
        ) as next_entered_at

    from person_entries

),

unioned as (

    select
        'opportunity' as counting_unit,
        opportunity_id as record_id,
        visit_position,
        source_stage,
        coalesce(stage, 'unmapped') as stage,
        entered_at,
        exited_at,
        visit_number,
        is_inferred,
        is_left_truncated

    from visits

    union all

    select
        'person' as counting_unit,
        moves.contact_id as record_id,
        row_number() over (partition by moves.contact_id order by moves.position) as visit_position,
        cast(null as varchar) as source_stage,
        moves.stage,
        moves.entered_at,
        case when moves.next_entered_at is not null then greatest(moves.next_entered_at, moves.entered_at) end as exited_at,
        1 as visit_number,
        moves.is_inferred,
        false as is_left_truncated

    from moves
    inner join stages on moves.stage = stages.stage
    where stages.counting_unit = 'person'

),

final as (

    select
        counting_unit,
        record_id,
        cast(visit_position as bigint) as visit_position,
        source_stage,
        stage,
        entered_at,
        exited_at,
        cast(visit_number as bigint) as visit_number,
        is_inferred,
        is_left_truncated

    from unioned

)

select * from final
