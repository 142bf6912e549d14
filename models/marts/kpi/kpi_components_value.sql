with

bookings as (

    select * from {{ ref('fct_bookings') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

customers as (

    select * from {{ ref('fct_new_customers') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

costs as (

    select * from {{ ref('fct_costs') }}

),

booked as (

    select
        booking_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        sum(case when opportunity_type <> 'renewal' then booking_amount else 0 end) as bookings_amount,
        sum(case when opportunity_type = 'renewal' then booking_amount else 0 end) as renewal_bookings_amount,
        sum(case when opportunity_type = 'expansion' then booking_amount else 0 end) as expansion_amount

    from bookings
    group by booking_date, rep_id, team_id, segment, channel, product

),

sold as (

    select
        close_date as component_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        sum(opportunity_amount) as won_amount,
        count(*) as won_with_amount

    from opportunities
    where status = 'won' and opportunity_type <> 'renewal' and opportunity_amount > 0
    group by close_date, owner_rep_id, team_id, segment, channel, product

),

cycled as (

    select
        close_date as component_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        sum(date_diff('day', first_contact_date, close_date)) as sales_cycle_days_sum,
        count(*) as sales_cycle_deals

    from opportunities
    where status = 'won' and opportunity_type = 'new_business' and first_contact_date <= close_date
    group by close_date, owner_rep_id, team_id, segment, channel, product

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

unioned as (

    select 'bookings_amount' as component_code, component_date, rep_id, team_id, segment, channel, product, bookings_amount as component_value from booked
    union all
    select 'renewal_bookings_amount' as component_code, component_date, rep_id, team_id, segment, channel, product, renewal_bookings_amount as component_value from booked
    union all
    select 'expansion_amount' as component_code, component_date, rep_id, team_id, segment, channel, product, expansion_amount as component_value from booked
    union all
    select 'won_amount' as component_code, component_date, rep_id, team_id, segment, channel, product, won_amount as component_value from sold
    union all
    select 'won_with_amount' as component_code, component_date, rep_id, team_id, segment, channel, product, won_with_amount as component_value from sold
    union all
    select 'sales_cycle_days_sum' as component_code, component_date, rep_id, team_id, segment, channel, product, sales_cycle_days_sum as component_value from cycled
    union all
    select 'sales_cycle_deals' as component_code, component_date, rep_id, team_id, segment, channel, product, sales_cycle_deals as component_value from cycled
    union all
    select 'new_customers' as component_code, component_date, rep_id, team_id, segment, channel, product, new_customers as component_value from started
    union all
    select 'revenue_net_amount' as component_code, component_date, 'unallocated' as rep_id, 'unallocated' as team_id, segment, 'unknown' as channel, 'unknown' as product, revenue_net_amount as component_value from invoiced
    union all
    select 'acquisition_cost_amount' as component_code, component_date, 'unallocated' as rep_id, 'unallocated' as team_id, 'unknown' as segment, 'unknown' as channel, 'unknown' as product, acquisition_cost_amount as component_value from spent

),

final as (

    select
        component_code,
        component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(component_value as decimal(24, 6)) as component_value

    from unioned
    where component_value <> 0 and component_date is not null

)

select * from final
