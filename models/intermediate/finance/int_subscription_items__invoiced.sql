with

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
final as (

    select
        subscription_item_id,
        subscription_id,
        from_date,
        until_date,
        mrr_local

    from invoiced
    where mrr_local is not null
    qualify row_number() over (
        partition by subscription_item_id, from_date
        order by period_start_at desc, mrr_local desc
    ) = 1

)

select * from final
