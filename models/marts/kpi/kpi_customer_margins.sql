with

customers as (

    select * from {{ ref('fct_new_customers') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}
    where is_finalised

),

margins as (

    select * from {{ ref('kpi_margin_components') }}
    where period_grain = 'year' and purpose = 'value'

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

yearly as (

    select
        period_start_date,
        max(case when component_code = 'gross_margin_amount' then component_value end)
        / max(case when component_code = 'margin_revenue_amount' then component_value end) as gross_margin_rate

    from margins
    group by period_start_date

),

invoiced as (

    select
        root_account_id,
        cast(date_trunc('month', issued_date) as date) as month_date,
        max(issued_date) as last_issued_date,
        sum(invoice_amount) as revenue_amount

    from invoices
    cross join clocks
    where issued_date <= clocks.as_of_date
    group by root_account_id, cast(date_trunc('month', issued_date) as date)

),

-- a year whose costs are not booked yet has the margin of the one before
rated as (

    select
        invoiced.root_account_id,
        invoiced.month_date,
        invoiced.revenue_amount,
        max_by(yearly.gross_margin_rate, yearly.period_start_date) as gross_margin_rate

    from invoiced
    left join yearly on invoiced.last_issued_date >= yearly.period_start_date
    group by invoiced.root_account_id, invoiced.month_date, invoiced.revenue_amount

),

final as (

    select
        customers.account_id,
        customers.customer_date,
        customers.segment,
        customers.channel,
        rated.month_date,
        cast(rated.revenue_amount as double) as revenue_amount,
        cast(rated.revenue_amount as double) * rated.gross_margin_rate as margin_amount

    from customers
    left join rated on customers.account_id = rated.root_account_id

)

select * from final
