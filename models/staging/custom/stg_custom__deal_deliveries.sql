with

source as (

    {{ delivered_rows('custom', 'deals') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('deal_id') }} as opportunity_id,
        stage as source_stage,
        {{ source_id('owner_id') }} as owner_source_id,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ local_date(as_timestamp('closed_at')) }} as close_date,
        {{ as_timestamp('created_at') }} as created_at,
        _is_dropped as is_deleted,
        _delivered_at as delivered_at,
        _next_delivered_at as next_delivered_at,
        _delivery_number as delivery_number

    from source

)

select * from final
