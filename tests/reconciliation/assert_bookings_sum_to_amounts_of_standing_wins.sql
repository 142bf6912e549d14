-- What the bookings ledger holds of an opportunity, in its own currency, is its amount while it stands won and nothing
-- otherwise: to the cent.
with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

bookings as (

    select
        opportunity_id,
        sum(booking_local) as booked_local

    from {{ ref('fct_bookings') }}
    group by opportunity_id

),

final as (

    select
        opportunities.opportunity_id,
        opportunities.status,
        opportunities.amount_local,
        bookings.booked_local

    from opportunities
    left join bookings on opportunities.opportunity_id = bookings.opportunity_id
    where
        coalesce(bookings.booked_local, 0)
        <> case when opportunities.status = 'won' then coalesce(opportunities.amount_local, 0) else 0 end

)

select * from final
