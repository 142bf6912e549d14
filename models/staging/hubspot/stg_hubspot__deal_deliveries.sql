with

source as (

    {{ delivered_rows('hubspot', 'deals') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as opportunity_id,
        dealstage as source_stage,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ local_date(as_timestamp('closedate')) }} as close_date,
        {{ as_timestamp('createdate') }} as created_at,
        _is_dropped or coalesce({{ as_boolean('archived') }}, false) as is_deleted,
        _delivered_at as delivered_at,
        _next_delivered_at as next_delivered_at,
        _delivery_number as delivery_number

    from source

)

select * from final
