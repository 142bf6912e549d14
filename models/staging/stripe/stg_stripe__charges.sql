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
        -- an amount that is held and not captured, or let go again, never moved
        case
            when lower(status) = 'succeeded' and not coalesce({{ as_boolean('captured') }}, true) then 'uncaptured'
            else lower(status)
        end as status,
        upper(currency) as currency_code,
        {{ minor_units('coalesce(' ~ as_number('amount_captured', 'bigint') ~ ', ' ~ as_number('amount', 'bigint') ~ ')', 'currency') }} as amount_local,
        -- until version 2025-03-31 of its API Stripe lets go what it does not capture by a refund, so that a charge given back whole
        -- has more refunded than captured
        case
            when
                not coalesce(
                    {{ as_boolean('refunded') }}
                    and {{ as_number('amount_refunded', 'bigint') }} <= {{ as_number('amount_captured', 'bigint') }},
                    false
                )
                then {{ minor_units(as_number('amount', 'bigint') ~ ' - ' ~ as_number('amount_captured', 'bigint'), 'currency') }}
        end as released_local,
        {{ as_timestamp('created') }} as paid_at,
        {{ local_date(as_timestamp('created')) }} as paid_date,
        _is_gone as is_deleted

    from source

)

select * from final
