-- Costs are the balance of class 6 of every ledger and year, to the cent: what is allocated, what is not, and what is
-- excluded sum to the ledger's own lines, whatever the system. Opening and closing entries cost nothing to acquire customers.
with

lines as (

    select
        entries.source_instance,
        entries.booked_date,
        {{ in_reporting_currency('(entries.debit_amount - entries.credit_amount)', 'entries.currency_code', 'rates.rate') }}
            as ledger_amount

    from {{ ref('stg_fec__entries') }} as entries
    left join {{ ref('int_exchange_rates__completed') }} as rates
        on
            entries.currency_code = rates.currency_code
            and entries.booked_date = rates.rate_date
    where entries.account_code like '6%'

    union all

    select
        source_instance,
        booked_date,
        cost_amount as ledger_amount

    from {{ ref('stg_custom__costs') }}
    where not is_deleted

    union all

    select
        source_instance,
        booked_date,
        cost_amount as ledger_amount

    from {{ ref('int_quickbooks_costs__posted') }}

),

ledger as (

    select
        source_instance,
        extract(year from booked_date) as booked_year,
        sum(ledger_amount) as ledger_amount

    from lines
    group by source_instance, extract(year from booked_date)

),

costs as (

    select
        source_instance,
        extract(year from booked_date) as booked_year,
        sum(case when function in ('sales', 'marketing', 'cost_of_sales') then cost_amount else 0 end) as allocated_amount,
        sum(case when function in ('none', 'unallocated') and cost_category <> 'excluded' then cost_amount else 0 end) as other_amount,
        sum(case when cost_category = 'excluded' then cost_amount else 0 end) as excluded_amount,
        sum(case when cost_category = 'excluded' then acquisition_amount else 0 end) as excluded_acquisition_amount

    from {{ ref('fct_costs') }}
    group by source_instance, extract(year from booked_date)

),

final as (

    select
        coalesce(ledger.source_instance, costs.source_instance) as source_instance,
        coalesce(ledger.booked_year, costs.booked_year) as booked_year,
        ledger.ledger_amount,
        costs.allocated_amount,
        costs.other_amount,
        costs.excluded_amount,
        costs.excluded_acquisition_amount

    from ledger
    full outer join costs
        on
            ledger.source_instance = costs.source_instance
            and ledger.booked_year is not distinct from costs.booked_year
    where
        coalesce(ledger.ledger_amount, 0) <> coalesce(costs.allocated_amount + costs.other_amount + costs.excluded_amount, 0)
        or costs.excluded_acquisition_amount <> 0

)

select * from final
