with

source as (

    {{ current_rows('hubspot', 'activities') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('activity_id') }} as activity_id,
        lower(activity_type) as activity_type,
        'outbound' as direction,
        coalesce(call_outcome, lower(meeting_outcome)) as source_outcome,
        coalesce(lower(task_status) in ('completed', 'done'), true) as is_completed,
        cast(null as bigint) as duration_seconds,
        {{ as_timestamp('activity_date') }} as occurred_at,
        cast({{ local_date(as_timestamp('activity_date')) }} as date) as occurred_date,
        {{ as_timestamp('activity_date') }} as recorded_at,
        cast(null as timestamp) as modified_at,
        {{ source_id('activity_owner') }} as owner_source_id,
        cast(null as varchar) as contact_ids,
        cast(null as varchar) as opportunity_id,
        lower(trim(associated_contact_email)) as contact_email,
        _is_gone as is_deleted

    from source

)

select * from final
