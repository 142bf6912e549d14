with

source as (

    {{ current_rows('salesforce', 'events') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as activity_id,
        'meeting' as activity_type,
        'outbound' as direction,
        replace(lower(event_outcome), ' ', '_') as source_outcome,
        true as is_completed,
        cast(null as bigint) as duration_seconds,
        coalesce({{ as_timestamp('start_date_time') }}, {{ local_midnight(as_date('activity_date')) }} + interval 12 hour) as occurred_at,
        coalesce({{ local_date(as_timestamp('start_date_time')) }}, {{ as_date('activity_date') }}) as occurred_date,
        {{ as_timestamp('created_date') }} as recorded_at,
        {{ as_timestamp('last_modified_date') }} as modified_at,
        {{ source_id('owner_id') }} as owner_source_id,
        {{ source_id('who_id') }} as person_source_id,
        case when what_id like '006%' then {{ source_id('what_id') }} end as opportunity_id,
        -- attendees' copies of an event are the same meeting
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) or coalesce({{ as_boolean('is_child') }}, false) as is_deleted

    from source

)

select * from final
