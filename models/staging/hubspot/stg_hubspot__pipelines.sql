with

source as (

    {{ current_rows('hubspot', 'pipelines') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        pipeline_id as pipeline,
        label as pipeline_label,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted

    from source

)

select * from final
