with

costs as (

    select * from {{ ref('fct_costs') }}
    where function = 'cost_of_sales'

),

ledger as (

    select * from {{ ref('fct_ledger_revenue') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}
    where is_finalised

),

windows as (

    select * from {{ ref('kpi_windows') }}
    where period_grain <> 'week'

),

booked_ledger as (

    select count(*) > 0 as has_revenue from ledger

),

telling_books as (

    select source_instance from ledger
    group by source_instance

),

-- books without a revenue account leave the invoices to say what was sold; beside books that have one, their costs are those of
-- sales nobody tells
lines as (

    select
        costs.booked_date,
        costs.cost_amount as cost_of_sales_amount,
        cast(null as decimal(18, 2)) as revenue_amount
    from costs
    cross join booked_ledger
    left join telling_books on costs.source_instance = telling_books.source_instance
    where not booked_ledger.has_revenue or telling_books.source_instance is not null
    union all
    select booked_date, cast(null as decimal(18, 2)) as cost_of_sales_amount, revenue_amount from ledger
    union all
    select issued_date as booked_date, cast(null as decimal(18, 2)) as cost_of_sales_amount, invoice_amount as revenue_amount
    from invoices
    cross join booked_ledger
    where not booked_ledger.has_revenue

),

-- a month whose costs are not booked yet would seem to have none
months as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        date_trunc('month', lines.booked_date) as month_date,
        sum(lines.cost_of_sales_amount) as cost_of_sales_amount,
        coalesce(sum(lines.revenue_amount), 0) as revenue_amount

    from windows
    inner join lines on lines.booked_date between windows.window_start_date and windows.window_end_date
    group by windows.period_grain, windows.period_start_date, windows.purpose, date_trunc('month', lines.booked_date)
    having sum(lines.cost_of_sales_amount) > 0

),

booked as (

    select
        period_grain,
        period_start_date,
        purpose,
        cast(sum(revenue_amount) as double) as revenue_amount,
        cast(sum(revenue_amount - cost_of_sales_amount) as double) as gross_margin_amount

    from months
    group by period_grain, period_start_date, purpose
    having sum(revenue_amount) > 0

),

-- where the books do not tell, the rate that the company gives, over one
told as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        coalesce(
            booked.revenue_amount,
            case when {{ var('gross_margin_rate') or 'null' }} is not null then cast(1 as double) end
        ) as margin_revenue_amount,
        coalesce(booked.gross_margin_amount, cast({{ var('gross_margin_rate') or 'null' }} as double)) as gross_margin_amount

    from windows
    left join booked
        on
            windows.period_grain = booked.period_grain
            and windows.period_start_date = booked.period_start_date
            and windows.purpose = booked.purpose

),

final as (

    select
        'margin_revenue_amount' as component_code, period_grain, period_start_date, purpose, 'company' as scope_type, 'all' as scope_id,
        margin_revenue_amount as component_value
    from told
    where margin_revenue_amount is not null

    union all

    select
        'gross_margin_amount' as component_code, period_grain, period_start_date, purpose, 'company' as scope_type, 'all' as scope_id,
        gross_margin_amount as component_value
    from told
    where gross_margin_amount is not null

)

select * from final
