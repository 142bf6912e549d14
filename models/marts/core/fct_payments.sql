with

charges as (

    select * from {{ ref('stg_stripe__charges') }}

),

refunds as (

    select * from {{ ref('stg_stripe__refunds') }}

),

customers as (

    select * from {{ ref('int_customers__matched') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

unioned as (

    select
        charge_id as payment_id,
        source_system,
        source_instance,
        'payment' as payment_type,
        customer_source_id,
        currency_code,
        amount_local,
        paid_date as payment_date

    from charges
    where status = 'succeeded' and not is_deleted

    union all

    -- a refund counts in its own period
    select
        refunds.refund_id as payment_id,
        refunds.source_system,
        refunds.source_instance,
        'refund' as payment_type,
        charges.customer_source_id,
        refunds.currency_code,
        -refunds.amount_local as amount_local,
        refunds.refunded_date as payment_date

    from refunds
    left join charges on refunds.charge_id = charges.charge_id
    where refunds.status in ('succeeded', 'pending') and not refunds.is_deleted

),

final as (

    select
        unioned.payment_id,
        unioned.source_system,
        unioned.source_instance,
        unioned.payment_type,
        coalesce(customers.account_id, unioned.customer_source_id, 'unknown') as account_id,
        unioned.currency_code,
        unioned.amount_local,
        {{ in_reporting_currency('unioned.amount_local', 'unioned.currency_code', 'rates.rate') }} as payment_amount,
        unioned.payment_date

    from unioned
    left join customers on unioned.customer_source_id = customers.customer_source_id
    left join rates
        on
            unioned.currency_code = rates.currency_code
            and unioned.payment_date = rates.rate_date

)

select * from final
