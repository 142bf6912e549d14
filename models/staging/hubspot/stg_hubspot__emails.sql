with

source as (

    {{ current_rows('hubspot', 'emails') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as activity_id,
        'email' as activity_type,
        case when upper(hs_email_direction) = 'INCOMING_EMAIL' then 'inbound' else 'outbound' end as direction,
        lower(hs_email_status) as source_outcome,
        upper(coalesce(hs_email_status, 'SENT')) in ('SENT', 'BOUNCED') as is_completed,
        cast(null as bigint) as duration_seconds,
        {{ as_timestamp('hs_timestamp') }} as occurred_at,
        cast({{ local_date(as_timestamp('hs_timestamp')) }} as date) as occurred_date,
        coalesce({{ as_timestamp('hs_createdate') }}, {{ as_timestamp('hs_timestamp') }}) as recorded_at,
        {{ as_timestamp('hs_lastmodifieddate') }} as modified_at,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        associated_contact_ids as contact_ids,
        {{ source_id(first_listed('associated_deal_ids')) }} as opportunity_id,
        -- a forwarded e-mail is a copy logged by hand, not one that was sent
        _is_gone or coalesce({{ as_boolean('archived') }}, false) or upper(coalesce(hs_email_direction, '')) = 'FORWARDED_EMAIL' as is_deleted

    from source

)

select * from final
