-- Costs are the balance of class 6 of every ledger and year, to the cent: no rule loses a line or counts it twice, and
-- opening and closing entries, which no rule may allocate, cost nothing to acquire customers.
with

ledger as (

    select
        source_instance,
        extract(year from booked_date) as booked_year,
        sum(debit_amount - credit_amount) as ledger_amount

    from {{ ref('stg_fec__entries') }}
    where account_code like '6%'
    group by source_instance, extract(year from booked_date)

),

costs as (

    select
        source_instance,
        extract(year from booked_date) as booked_year,
        sum(cost_amount) as cost_amount,
        sum(case when cost_category = 'excluded' then acquisition_amount else 0 end) as excluded_amount

    from {{ ref('fct_costs') }}
    where source_system = 'fec'
    group by source_instance, extract(year from booked_date)

),

final as (

    select
        coalesce(ledger.source_instance, costs.source_instance) as source_instance,
        coalesce(ledger.booked_year, costs.booked_year) as booked_year,
        ledger.ledger_amount,
        costs.cost_amount,
        costs.excluded_amount

    from ledger
    full outer join costs
        on ledger.source_instance = costs.source_instance and ledger.booked_year = costs.booked_year
    where
        coalesce(ledger.ledger_amount, 0) <> coalesce(costs.cost_amount, 0)
        or costs.excluded_amount <> 0

)

select * from final
