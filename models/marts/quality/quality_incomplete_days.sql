with

costs as (

    select * from {{ ref('fct_costs') }}

),

ledger_revenue as (

    select * from {{ ref('fct_ledger_revenue') }}

),

bookings as (

    select * from {{ ref('fct_bookings') }}

),

spells as (

    select * from {{ ref('fct_pipeline_spells') }}
    where status = 'open'

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

payments as (

    select * from {{ ref('fct_payments') }}

),

subscriptions as (

    select * from {{ ref('fct_subscriptions_monthly') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

words as (

    select * from {{ ref('int_quality__words_unknown') }}

),

reconciled as (

    select * from {{ ref('quality_cost_reconciliation') }}

),

-- days on which something is known of a kind of data that makes sums of it too low
days as (

    select 'costs' as entity, booked_date as found_date, 'pay_unassigned' as finding
    from costs
    where function = 'unallocated'
    group by booked_date
    having sum(cost_amount) <> 0
    union all
    select 'opportunities' as entity, booking_date as found_date, 'amounts_not_converted' as finding
    from bookings
    where booking_local is not null and booking_amount is null
    union all
    select 'invoices' as entity, issued_date as found_date, 'amounts_not_converted' as finding
    from invoices
    where amount_local is not null and invoice_amount is null
    union all
    select 'payments' as entity, payment_date as found_date, 'amounts_not_converted' as finding
    from payments
    where amount_local is not null and payment_amount is null
    union all
    select 'subscriptions' as entity, observed_date as found_date, 'amounts_not_converted' as finding
    from subscriptions
    where mrr_local is not null and mrr_amount is null
    union all
    select 'subscriptions' as entity, observed_date as found_date, 'prices_unknown' as finding
    from subscriptions
    where mrr_local is null
    union all
    -- of what stays open for long the last day tells
    select 'opportunities' as entity, to_date as found_date, 'amounts_not_converted' as finding
    from spells
    where amount_local is not null and open_amount is null
    union all
    select 'costs' as entity, booked_date as found_date, 'amounts_not_converted' as finding
    from costs
    where
        cost_amount is null
        -- in its own currency a line of a FEC needs no rate: what is empty there could not be read
        and (source_system = 'quickbooks' or (source_system = 'fec' and '{{ var("reporting_currency") }}' <> 'EUR'))
    union all
    select 'costs' as entity, booked_date as found_date, 'amounts_not_converted' as finding
    from ledger_revenue
    where revenue_amount is null and '{{ var("reporting_currency") }}' <> 'EUR'
    union all
    select 'ad_spend' as entity, spend_date as found_date, 'amounts_not_converted' as finding
    from ad_spend
    where cost_local is not null and cost_amount is null
    union all
    select 'ad_spend' as entity, month_date as found_date, 'advertising_not_reconciled' as finding
    from reconciled
    where status in ('ledger_lower', 'ledger_higher')
    union all
    -- what the platforms have spent and the books have not is missing in the cost of customers; the contrary is not
    select 'costs' as entity, month_date as found_date, 'advertising_not_reconciled' as finding
    from reconciled
    where status = 'ledger_lower'
    union all
    select entity, found_date, 'words_unknown' as finding
    from words

),

final as (

    select
        entity,
        found_date,
        finding

    from days
    where found_date is not null
    group by entity, found_date, finding

)

select * from final
