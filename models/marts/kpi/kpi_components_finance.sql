with

invoices as (

    select * from {{ ref('fct_invoices') }}

),

costs as (

    select * from {{ ref('fct_costs') }}

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

spent as (

    select
        booked_date as component_date,
        sum(acquisition_amount) as acquisition_cost_amount

    from costs
    group by booked_date

),

final as (
    {{ components_of('invoiced', ['revenue_net_amount'], ['segment']) }}
    union all
    {{ components_of('spent', ['acquisition_cost_amount'], []) }}

)

select * from final
