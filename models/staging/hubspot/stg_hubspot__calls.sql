with

source as (

    {{ current_rows('hubspot', 'calls') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as activity_id,
        'call' as activity_type,
        case when upper(hs_call_direction) = 'INBOUND' then 'inbound' else 'outbound' end as direction,
        hs_call_disposition as source_outcome,
        upper(coalesce(hs_call_status, 'COMPLETED')) = 'COMPLETED' as is_completed,
        {{ as_number('hs_call_duration', 'bigint') }} // 1000 as duration_seconds,
        {{ as_timestamp('hs_timestamp') }} as occurred_at,
        cast({{ local_date(as_timestamp('hs_timestamp')) }} as date) as occurred_date,
        coalesce({{ as_timestamp('hs_createdate') }}, {{ as_timestamp('hs_timestamp') }}) as recorded_at,
        {{ as_timestamp('hs_lastmodifieddate') }} as modified_at,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        associated_contact_ids as contact_ids,
        {{ source_id(first_listed('associated_deal_ids')) }} as opportunity_id,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted

    from source

)

select * from final
