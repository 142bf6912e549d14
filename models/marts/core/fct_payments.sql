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

numbered as (

    select
        *,
        row_number() over (partition by charge_id order by refunded_at, refund_id) as refund_number

    from refunds
    where status in ('succeeded', 'pending') and not is_deleted

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

    -- a refund counts in its own period; of what was never captured, nothing is given back: its release is the first refund
    select
        numbered.refund_id as payment_id,
        numbered.source_system,
        numbered.source_instance,
        'refund' as payment_type,
        charges.customer_source_id,
        numbered.currency_code,
        -numbered.amount_local as amount_local,
        numbered.refunded_date as payment_date

    from numbered
    left join charges on numbered.charge_id = charges.charge_id
    where
        coalesce(charges.status, 'succeeded') <> 'uncaptured'
        and not coalesce(numbered.refund_number = 1 and numbered.amount_local = charges.released_local, false)

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
