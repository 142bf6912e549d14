with

source as (

    {{ current_rows('hubspot', 'pipeline_stages') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        pipeline_id as pipeline,
        stage_id as source_stage,
        label as source_label,
        {{ as_number('display_order', 'bigint') }} as stage_position,
        coalesce({{ as_boolean('is_closed') }}, {{ as_boolean('closed_won') }}, {{ as_share('probability') }} in (0, 1), false) as is_closed,
        -- the id of a stage lies at times; what wins is the stage that closes with certainty
        coalesce({{ as_boolean('closed_won') }}, {{ as_boolean('is_closed') }} and {{ as_share('probability') }} = 1, {{ as_share('probability') }} = 1, false) as is_won,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted

    from source

)

select * from final
