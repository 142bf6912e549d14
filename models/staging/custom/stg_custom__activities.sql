with

source as (

    {{ current_rows('custom', 'activities') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('activity_id') }} as activity_id,
        lower(type) as activity_type,
        lower(coalesce(direction, 'outbound')) as direction,
        lower(outcome) as source_outcome,
        true as is_completed,
        {{ as_number('duration_seconds', 'bigint') }} as duration_seconds,
        {{ as_timestamp('occurred_at') }} as occurred_at,
        {{ local_date(as_timestamp('occurred_at')) }} as occurred_date,
        coalesce({{ as_timestamp('created_at') }}, {{ as_timestamp('occurred_at') }}) as recorded_at,
        {{ as_timestamp('updated_at') }} as modified_at,
        {{ source_id('owner_id') }} as owner_source_id,
        {{ source_id('lead_id') }} as person_source_id,
        lower(trim(contact_email)) as contact_email,
        {{ source_id('deal_id') }} as opportunity_id,
        _is_gone as is_deleted

    from source

)

select * from final
