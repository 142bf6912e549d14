with

source as (

    {{ current_rows('hubspot', 'meetings') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as activity_id,
        'meeting' as activity_type,
        'outbound' as direction,
        lower(hs_meeting_outcome) as source_outcome,
        upper(coalesce(hs_meeting_outcome, '')) <> 'CANCELED' as is_completed,
        cast(null as bigint) as duration_seconds,
        {{ as_timestamp('hs_meeting_start_time') }} as occurred_at,
        cast({{ local_date(as_timestamp('hs_meeting_start_time')) }} as date) as occurred_date,
        coalesce({{ as_timestamp('hs_createdate') }}, {{ as_timestamp('hs_meeting_start_time') }}) as recorded_at,
        {{ as_timestamp('hs_lastmodifieddate') }} as modified_at,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        associated_contact_ids as contact_ids,
        {{ source_id(first_listed('associated_deal_ids')) }} as opportunity_id,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted

    from source

)

select * from final
