with

source as (

    {{ current_rows('stripe', 'refunds') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as refund_id,
        {{ source_id('charge_id') }} as charge_id,
        lower(coalesce(status, 'succeeded')) as status,
        upper(currency) as currency_code,
        {{ minor_units(as_number('amount', 'bigint'), 'currency') }} as amount_local,
        {{ as_timestamp('created') }} as refunded_at,
        {{ local_date(as_timestamp('created')) }} as refunded_date,
        _is_gone as is_deleted

    from source

)

select * from final
