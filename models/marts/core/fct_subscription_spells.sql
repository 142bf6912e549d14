with

subscriptions as (

    select * from {{ ref('int_subscriptions__unioned') }}

),

items as (

    select * from {{ ref('int_subscription_items__spelled') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

-- a subscription without an item that has a price runs, and what it brings is unknown
priced as (

    select
        subscriptions.*,
        coalesce(items.subscription_item_id, subscriptions.subscription_id) as subscription_item_id,
        greatest(subscriptions.started_date, coalesce(items.from_date, subscriptions.started_date)) as from_date,
        -- who leaves on a day is not there when it ends
        least(subscriptions.ended_date - 1, items.to_date) as to_date,
        coalesce(items.mrr_local, subscriptions.mrr_local) as spell_mrr_local

    from subscriptions
    left join items on subscriptions.subscription_id = items.subscription_id

),

final as (

    select
        priced.subscription_item_id,
        priced.subscription_id,
        priced.source_system,
        priced.source_instance,
        priced.account_id,
        coalesce(accounts.root_account_id, priced.account_id) as root_account_id,
        coalesce(accounts.segment, 'unknown') as segment,
        priced.from_date,
        priced.to_date,
        priced.currency_code,
        priced.spell_mrr_local as mrr_local

    from priced
    left join accounts on priced.account_id = accounts.account_id
    where priced.from_date is not null and (priced.to_date is null or priced.to_date >= priced.from_date)

)

select * from final
