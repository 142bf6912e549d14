with

customers as (

    select * from {{ ref('fct_new_customers') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

started as (

    select
        customers.customer_date as component_date,
        customers.rep_id,
        customers.team_id,
        customers.segment,
        customers.channel,
        customers.product,
        count(*) as new_customers,
        sum(case when channels.is_paid then 1 else 0 end) as paid_new_customers

    from customers
    left join channels on customers.channel = channels.channel
    group by
        customers.customer_date, customers.rep_id, customers.team_id, customers.segment, customers.channel, customers.product

),

final as (
    {{ components_of('started', ['new_customers', 'paid_new_customers'], ['rep_id', 'team_id', 'segment', 'channel', 'product']) }}

)

select * from final
