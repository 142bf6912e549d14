with

source as (

    {{ current_rows('stripe', 'subscription_items') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as subscription_item_id,
        {{ source_id('subscription_id') }} as subscription_id,
        {{ source_id('price_id') }} as price_id,
        coalesce({{ as_number('quantity', 'bigint') }}, 1) as quantity,
        {{ local_date(as_timestamp('created')) }} as created_date,
        _is_gone as is_deleted

    from source

)

select * from final
