with

lifetimes as (

    select * from {{ ref('kpi_customer_lifetimes') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}
    where is_finalised and document_type = 'invoice'

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        month_start_date as month_date,
        max(date_day) as observed_date

    from dates
    where is_past
    group by month_start_date

),

-- Kaplan-Meier: of those whose relation lasted that long, how many ended then
ends as (

    select
        month_date,
        scope_type,
        scope_id,
        relation_months,
        sum(case when is_active then 0 else 1 end) as ended_count,
        count(*) as customers_count

    from lifetimes
    group by month_date, scope_type, scope_id, relation_months

),

at_risk as (

    select
        *,
        sum(customers_count) over (
            partition by month_date, scope_type, scope_id
            order by relation_months desc
            rows between unbounded preceding and current row
        ) as at_risk_count

    from ends

),

-- the product of the shares that stayed, as a sum of logarithms; nobody stayed once all at risk have left
survival as (

    select
        month_date,
        scope_type,
        scope_id,
        relation_months,
        case
            when min(at_risk_count - ended_count) over earlier = 0 then 0
            else exp(sum(case when at_risk_count > ended_count then ln(1 - ended_count / cast(at_risk_count as double)) else 0 end) over earlier)
        end as survival_rate,
        lead(relation_months) over (partition by month_date, scope_type, scope_id order by relation_months) as next_months

    from at_risk
    window earlier as (
        partition by month_date, scope_type, scope_id
        order by relation_months
        rows between unbounded preceding and current row
    )

),

-- the area under the curve up to the horizon, the curve held flat past its last observation
relation as (

    select
        month_date,
        scope_type,
        scope_id,
        least(min(relation_months), {{ var('ltv_horizon_months') }})
        + sum(
            survival_rate
            * greatest(0, least(coalesce(next_months, {{ var('ltv_horizon_months') }}), {{ var('ltv_horizon_months') }}) - least(relation_months, {{ var('ltv_horizon_months') }}))
        ) as relation_length_months

    from survival
    group by month_date, scope_type, scope_id

),

active as (

    select
        month_date,
        scope_type,
        scope_id,
        sum(relation_months_of_year) as customer_months

    from lifetimes
    group by month_date, scope_type, scope_id

),

-- purchases per year are counted over a year, or the customers' shorter time in it
scoped_invoices as (

    select issued_date, invoice_amount, 'company' as scope_type, 'all' as scope_id from invoices
    union all
    select issued_date, invoice_amount, 'segment' as scope_type, segment as scope_id from invoices

),

purchased as (

    select
        months.month_date,
        scoped_invoices.scope_type,
        scoped_invoices.scope_id,
        sum(scoped_invoices.invoice_amount) as purchased_amount,
        count(*) as purchases_count

    from months
    inner join scoped_invoices
        on
            scoped_invoices.issued_date >= months.month_date - interval 11 month
            and scoped_invoices.issued_date <= months.observed_date
    group by months.month_date, scoped_invoices.scope_type, scoped_invoices.scope_id

),

unioned as (

    select 'purchased_amount_of_year' as component_code, month_date, scope_type, scope_id, cast(purchased_amount as double) as component_value from purchased
    union all
    select 'purchases_of_year' as component_code, month_date, scope_type, scope_id, cast(purchases_count as double) as component_value from purchased
    union all
    select 'customer_years_of_year' as component_code, month_date, scope_type, scope_id, customer_months / cast(12 as double) as component_value from active
    union all
    select 'relation_length_years' as component_code, month_date, scope_type, scope_id, relation_length_months / cast(12 as double) as component_value from relation

),

final as (

    select
        component_code,
        month_date,
        scope_type,
        scope_id,
        component_value

    from unioned

)

select * from final
