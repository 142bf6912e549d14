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

invoices as (

    select * from {{ ref('stg_stripe__invoices') }}

),

lines as (

    select * from {{ ref('stg_stripe__invoice_lines') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

-- an export knows the price of today; what an item cost before is on its invoices
invoiced as (

    select
        lines.subscription_item_id,
        invoices.subscription_id,
        {{ local_date('lines.period_start_at') }} as from_date,
        lines.period_start_at,
        max({{ local_date('lines.period_end_at') }}) as until_date,
        sum(case
            -- what is given back, or given away, brings nothing
            when lines.amount_minor <= 0 then 0
            when prices.recurring_interval is not null
                then {{ monthly_amount('prices.unit_amount_local * lines.quantity', 'prices.recurring_interval', 'prices.recurring_interval_count') }}
            when not lines.is_proration
                then {{ minor_units('lines.amount_minor', 'invoices.currency_code') }}
                    / greatest(1, round(date_diff('day', lines.period_start_at, lines.period_end_at) / 30.4375))
        end) as mrr_local

    from lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    cross join clocks
    left join prices on lines.price_id = prices.price_id
    where
        lines.subscription_item_id is not null
        and not lines.is_deleted
        and not invoices.is_deleted
        and invoices.status in ('open', 'paid', 'uncollectible')
        and {{ local_date('lines.period_start_at') }} <= clocks.as_of_date
    group by lines.subscription_item_id, invoices.subscription_id, invoices.invoice_id, lines.period_start_at

),

-- of several invoices of a day the last change stands
changes as (

    select * from invoiced
    where mrr_local is not null
    qualify row_number() over (
        partition by subscription_item_id, from_date
        order by period_start_at desc, mrr_local desc
    ) = 1

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
        {{ monthly_amount('prices.unit_amount_local * items.quantity', 'prices.recurring_interval', 'prices.recurring_interval_count') }} as mrr_local

    from items
    inner join subscriptions on items.subscription_id = subscriptions.subscription_id
    inner join prices on items.price_id = prices.price_id
    where not items.is_deleted and prices.recurring_interval is not null

),

known as (

    select changes.subscription_item_id, changes.subscription_id, changes.from_date, changes.until_date, changes.mrr_local, present.first_date
    from changes
    cross join clocks
    left join present on changes.subscription_item_id = present.subscription_item_id
    where present.subscription_item_id is null or changes.from_date < clocks.as_of_date

    union all

    select present.subscription_item_id, present.subscription_id, clocks.as_of_date, cast(null as date), present.mrr_local, present.first_date
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
