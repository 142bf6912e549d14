with

stripe as (

    select * from {{ ref('stg_stripe__subscriptions') }}

),

customers as (

    select * from {{ ref('int_customers__matched') }}

),

custom_subscriptions as (

    select * from {{ ref('stg_custom__subscriptions') }}

),

accounts as (

    select * from {{ ref('int_accounts__identified') }}

),

final as (

    select
        stripe.source_system,
        stripe.source_instance,
        stripe.subscription_id,
        coalesce(customers.account_id, stripe.customer_source_id) as account_id,
        stripe.currency_code,
        -- what a Stripe subscription brings is told by its items
        cast(null as decimal(18, 2)) as mrr_local,
        stripe.started_date,
        stripe.ended_date

    from stripe
    left join customers on stripe.customer_source_id = customers.customer_source_id
    where not stripe.is_deleted and stripe.status not in ('incomplete', 'incomplete_expired', 'trialing')

    union all

    select
        custom_subscriptions.source_system,
        custom_subscriptions.source_instance,
        custom_subscriptions.subscription_id,
        coalesce(accounts.account_id, custom_subscriptions.account_source_id) as account_id,
        custom_subscriptions.currency_code,
        custom_subscriptions.mrr_local,
        custom_subscriptions.started_date,
        custom_subscriptions.ended_date

    from custom_subscriptions
    left join accounts on custom_subscriptions.account_source_id = accounts.account_source_id
    where not custom_subscriptions.is_deleted

)

select * from final
