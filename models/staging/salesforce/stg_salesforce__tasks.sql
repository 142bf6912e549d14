with

source as (

    {{ current_rows('salesforce', 'tasks') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as activity_id,
        case task_subtype when 'Call' then 'call' when 'Email' then 'email' when 'ListEmail' then 'mass_email' else 'task' end as activity_type,
        case when lower(call_type) = 'inbound' then 'inbound' else 'outbound' end as direction,
        call_disposition as source_outcome,
        coalesce({{ as_boolean('is_closed') }}, lower(status) = 'completed') as is_completed,
        {{ as_number('call_duration_in_seconds', 'bigint') }} as duration_seconds,
        -- the activity date is the day it was done; when the task was completed later, its time says nothing. What was logged that day
        -- was done by then, and later than what it is about: a lead of 15:00 is not called at noon
        case
            when {{ as_date('activity_date') }} is null then coalesce({{ as_timestamp('completed_date_time') }}, {{ as_timestamp('created_date') }})
            when {{ local_date(as_timestamp('completed_date_time')) }} = {{ as_date('activity_date') }} then {{ as_timestamp('completed_date_time') }}
            when {{ local_date(as_timestamp('created_date')) }} = {{ as_date('activity_date') }} then {{ as_timestamp('created_date') }}
            else {{ local_midnight(as_date('activity_date')) }} + interval 12 hour
        end as occurred_at,
        coalesce({{ as_date('activity_date') }}, {{ local_date('coalesce(' ~ as_timestamp('completed_date_time') ~ ', ' ~ as_timestamp('created_date') ~ ')') }}) as occurred_date,
        {{ as_timestamp('created_date') }} as recorded_at,
        {{ as_timestamp('last_modified_date') }} as modified_at,
        {{ source_id('owner_id') }} as owner_source_id,
        {{ source_id('who_id') }} as person_source_id,
        case when what_id like '006%' then {{ source_id('what_id') }} end as opportunity_id,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from source

)

select * from final
