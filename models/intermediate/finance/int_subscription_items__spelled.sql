with

subscriptions as (

    select * from {{ ref('stg_stripe__subscriptions') }}

),

items as (

    select * from {{ ref('stg_stripe__subscription_items') }}

),

prices as (

    select * from {{ ref('stg_stripe__prices') }}

),

changes as (

    select * from {{ ref('int_subscription_items__invoiced') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

-- the items of a subscription that were there first started with it
present as (

    select
        items.subscription_item_id,
        items.subscription_id,
        case
            when coalesce(items.created_date = min(items.created_date) over (partition by items.subscription_id), true)
                then subscriptions.started_date
            else items.created_date
        end as first_date,
        {{ monthly_amount('prices.unit_amount_local * items.quantity', 'prices.recurring_interval', 'prices.recurring_interval_count') }}
            as mrr_local

    from items
    inner join subscriptions on items.subscription_id = subscriptions.subscription_id
    inner join prices on items.price_id = prices.price_id
    where not items.is_deleted and prices.recurring_interval is not null

),

known as (

    select
        changes.subscription_item_id,
        changes.subscription_id,
        changes.from_date,
        changes.until_date,
        changes.mrr_local,
        present.first_date
    from changes
    cross join clocks
    left join present on changes.subscription_item_id = present.subscription_item_id
    where present.subscription_item_id is null or changes.from_date < clocks.as_of_date

    union all

    select
        present.subscription_item_id,
        present.subscription_id,
        clocks.as_of_date as from_date,
        cast(null as date) as until_date,
        present.mrr_local,
        present.first_date
    from present
    cross join clocks

),

final as (

    select
        subscription_item_id,
        subscription_id,
        case
            when lag(from_date) over in_order is null then least(from_date, coalesce(first_date, from_date))
            else from_date
        end as from_date,
        -- an item that is gone was there as long as it was invoiced for
        coalesce(lead(from_date) over in_order, until_date) - 1 as to_date,
        cast(mrr_local as decimal(18, 2)) as mrr_local

    from known
    window in_order as (partition by subscription_item_id order by from_date)

)

select * from final
