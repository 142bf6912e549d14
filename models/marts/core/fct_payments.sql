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

accounts as (

    select * from {{ ref('dim_accounts') }}

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

matched as (

    select
        unioned.*,
        coalesce(customers.account_id, unioned.customer_source_id, 'unknown') as account_id

    from unioned
    left join customers on unioned.customer_source_id = customers.customer_source_id

),

final as (

    select
        matched.payment_id,
        matched.source_system,
        matched.source_instance,
        matched.payment_type,
        matched.account_id,
        coalesce(accounts.segment, 'unknown') as segment,
        matched.currency_code,
        matched.amount_local,
        {{ in_reporting_currency('matched.amount_local', 'matched.currency_code', 'rates.rate') }} as payment_amount,
        matched.payment_date

    from matched
    left join accounts on matched.account_id = accounts.account_id
    left join rates
        on
            matched.currency_code = rates.currency_code
            and matched.payment_date = rates.rate_date

)

select * from final
