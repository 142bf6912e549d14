with

entities as (

    select * from {{ ref('int_entities__loaded') }}

),

orphaned_lines as (

    select * from {{ ref('int_quickbooks_lines__orphaned') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

costs as (

    select * from {{ ref('fct_costs') }}

),

bookings as (

    select * from {{ ref('fct_bookings') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

reconciled as (

    select * from {{ ref('quality_cost_reconciliation') }}

),

identity_findings as (

    select * from {{ ref('quality_identity_findings') }}

),

late as (

    select
        entities.entity,
        periods.period_grain,
        periods.period_start_date,
        'late_exports' as finding

    from entities
    cross join periods
    where entities.is_stale and periods.is_partial_period

),

-- a ledger that ends more than a week before a period does has not booked all of it; one without a line for a year is closed
last_booked as (

    select
        source_instance,
        max(booked_date) as last_booked_date

    from costs
    group by source_instance

),

unbooked as (

    select
        'costs' as entity,
        periods.period_grain,
        periods.period_start_date,
        'costs_not_booked_to_the_end' as finding

    from periods
    inner join last_booked on last_booked.last_booked_date >= periods.observed_until_date - 365
    group by periods.period_grain, periods.period_start_date, periods.observed_until_date
    having min(last_booked.last_booked_date) < periods.observed_until_date - 7

),

-- a line has the date of its document: without it, any period may be the one that misses it
undated as (

    select
        'costs' as entity,
        periods.period_grain,
        periods.period_start_date,
        'cost_lines_without_document' as finding

    from periods
    cross join orphaned_lines
    group by periods.period_grain, periods.period_start_date

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
    select 'costs' as entity, booked_date as found_date, 'amounts_not_converted' as finding
    from costs
    where source_system = 'quickbooks' and cost_amount is null
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

),

final as (

    select * from late

    union all

    select * from unbooked

    union all

    select * from identity_findings

    union all

    select * from undated

    union all

    select
        days.entity,
        periods.period_grain,
        periods.period_start_date,
        days.finding

    from days
    inner join periods on days.found_date between periods.period_start_date and periods.period_end_date
    group by days.entity, periods.period_grain, periods.period_start_date, days.finding

)

select * from final
