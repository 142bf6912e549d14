with

invoices as (

    select * from {{ ref('fct_invoices') }}

),

payments as (

    select * from {{ ref('fct_payments') }}

),

costs as (

    select * from {{ ref('kpi_acquisition_costs') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

invoiced as (

    select
        issued_date as component_date,
        segment,
        sum(invoice_amount) as revenue_net_amount

    from invoices
    where is_finalised
    group by issued_date, segment

),

-- money that went out again counts on the day it did
collected as (

    select
        payment_date as component_date,
        segment,
        sum(payment_amount) as cash_collected_amount

    from payments
    group by payment_date, segment

),

spent as (

    select
        booked_date as component_date,
        channel,
        sum(acquisition_amount) as acquisition_cost_amount

    from costs
    group by booked_date, channel

),

-- what the platforms report is in the books already: a component of its own, never added to the costs
advertised as (

    select
        spend_date as component_date,
        channel,
        sum(cost_amount) as ad_spend_amount

    from ad_spend
    group by spend_date, channel

),

final as (
    {{ components_of('invoiced', ['revenue_net_amount'], ['segment']) }}
    union all
    {{ components_of('collected', ['cash_collected_amount'], ['segment']) }}
    union all
    {{ components_of('spent', ['acquisition_cost_amount'], ['channel']) }}
    union all
    {{ components_of('advertised', ['ad_spend_amount'], ['channel']) }}

)

select * from final
