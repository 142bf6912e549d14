with

source as (

    {{ current_rows('stripe', 'prices') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as price_id,
        {{ source_id('product_id') }} as product_id,
        upper(currency) as currency_code,
        {{ minor_units(as_number('unit_amount', 'bigint'), 'currency') }} as unit_amount_local,
        lower(recurring_interval) as recurring_interval,
        coalesce({{ as_number('recurring_interval_count', 'bigint') }}, 1) as recurring_interval_count,
        _is_gone as is_deleted

    from source

)

select * from final
