with

source as (

    {{ current_rows('stripe', 'charges') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as charge_id,
        {{ source_id('customer_id') }} as customer_source_id,
        {{ source_id('invoice_id') }} as invoice_id,
        lower(status) as status,
        upper(currency) as currency_code,
        {{ minor_units(as_number('amount', 'bigint'), 'currency') }} as amount_local,
        {{ as_timestamp('created') }} as paid_at,
        {{ local_date(as_timestamp('created')) }} as paid_date,
        _is_gone as is_deleted

    from source

)

select * from final
