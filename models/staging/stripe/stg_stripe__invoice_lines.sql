with

source as (

    {{ current_rows('stripe', 'invoice_lines') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as invoice_line_id,
        {{ source_id('invoice_id') }} as invoice_id,
        {{ source_id('subscription_item_id') }} as subscription_item_id,
        {{ source_id('price_id') }} as price_id,
        coalesce({{ as_number('quantity', 'bigint') }}, 1) as quantity,
        coalesce({{ as_boolean('proration') }}, false) as is_proration,
        {{ as_number('amount', 'bigint') }} as amount_minor,
        {{ as_timestamp('period_start') }} as period_start_at,
        {{ as_timestamp('period_end') }} as period_end_at,
        _is_gone as is_deleted

    from source

)

select * from final
