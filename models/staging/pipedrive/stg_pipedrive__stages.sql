with

source as (

    {{ current_rows('pipedrive', 'stages') }}

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        coalesce(pipeline_id, '') as pipeline,
        id as source_stage,
        name as source_label,
        {{ as_number('order_nr', 'bigint') }} as stage_position,
        _is_gone as is_deleted

    from source

)

select * from final
