with

source as (

    {{ current_rows('pipedrive', 'activities') }}

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as activity_id,
        lower(type) as activity_type,
        'outbound' as direction,
        cast(null as varchar) as source_outcome,
        coalesce({{ as_boolean('done') }}, false) as is_completed,
        case
            when {{ regexp_text('duration', '^[0-9]+:[0-9][0-9](:[0-9][0-9])?$') }} is not null
                then cast(split_part(duration, ':', 1) as bigint) * 3600
                    + cast(split_part(duration, ':', 2) as bigint) * 60
                    + coalesce(cast(nullif(split_part(duration, ':', 3), '') as bigint), 0)
        end as duration_seconds,
        coalesce({{ as_timestamp('due_to') }}, {{ as_timestamp("due_date || coalesce(' ' || due_time, ' 12:00')") }}, {{ as_timestamp('marked_as_done_time') }}) as occurred_at,
        coalesce({{ local_date(as_timestamp('due_to')) }}, {{ local_date(as_timestamp("due_date || coalesce(' ' || due_time, ' 12:00')")) }}, {{ local_date(as_timestamp('marked_as_done_time')) }}) as occurred_date,
        coalesce({{ as_timestamp('add_time') }}, {{ as_timestamp('due_to') }}, {{ as_timestamp('due_date') }}) as recorded_at,
        {{ as_timestamp('update_time') }} as modified_at,
        {{ source_id('user_id') }} as owner_source_id,
        {{ source_id('person_id') }} as person_source_id,
        -- a list view names the deal where it has no id
        {{ source_id(regexp_text('deal_id', '^[0-9]+$')) }} as opportunity_id,
        _is_gone as is_deleted

    from source

)

select * from final
