with

customers as (

    select * from {{ ref('fct_new_customers') }}

),

started as (

    select
        customer_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        count(*) as new_customers

    from customers
    group by customer_date, rep_id, team_id, segment, channel, product

),

final as (
    {{ components_of('started', ['new_customers'], ['rep_id', 'team_id', 'segment', 'channel', 'product']) }}

)

select * from final
