with

lifetimes as (

    select * from {{ ref('kpi_customer_lifetimes') }}

),

relations as (

    select * from {{ ref('kpi_relation_lengths') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}
    where is_finalised and document_type = 'invoice' and amount_local > 0

),

months as (

    select
        month_start_date as month_date,
        max(date_day) as observed_date

    from {{ ref('dim_dates') }}
    where is_past
    group by month_start_date

),

active as (

    select
        month_date,
        scope_type,
        scope_id,
        sum(relation_months_of_year) / cast(12 as double) as customer_years_of_year

    from lifetimes
    group by month_date, scope_type, scope_id

),

scoped_invoices as (

    select issued_date, invoice_amount, 'company' as scope_type, 'all' as scope_id from invoices
    union all
    select issued_date, invoice_amount, 'segment' as scope_type, segment as scope_id from invoices

),

-- purchases per year are counted over a year, or the customers' shorter time in it
purchased as (

    select
        months.month_date,
        scoped_invoices.scope_type,
        scoped_invoices.scope_id,
        cast(sum(scoped_invoices.invoice_amount) as double) as purchased_amount_of_year,
        cast(count(*) as double) as purchases_of_year

    from months
    inner join scoped_invoices
        on
            scoped_invoices.issued_date >= months.month_date - interval 11 month
            and scoped_invoices.issued_date <= months.observed_date
    group by months.month_date, scoped_invoices.scope_type, scoped_invoices.scope_id

),

final as (

    select 'purchased_amount_of_year' as component_code, month_date, scope_type, scope_id, purchased_amount_of_year as component_value
    from purchased
    union all
    select 'purchases_of_year' as component_code, month_date, scope_type, scope_id, purchases_of_year as component_value
    from purchased
    union all
    select 'customer_years_of_year' as component_code, month_date, scope_type, scope_id, customer_years_of_year as component_value
    from active
    union all
    select 'relation_length_years' as component_code, month_date, scope_type, scope_id, relation_length_years as component_value
    from relations

)

select * from final
