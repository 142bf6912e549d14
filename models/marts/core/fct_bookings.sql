with

bookings as (

    select * from {{ ref('int_bookings__ledgered') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

final as (

    select
        bookings.opportunity_id
        || '|'
        || cast(bookings.win_number as varchar)
        || '|'
        || cast(row_number() over (partition by bookings.opportunity_id, bookings.win_number order by bookings.event_at) as varchar)
            as booking_id,
        bookings.opportunity_id,
        cast(bookings.win_number as bigint) as win_number,
        bookings.event_type,
        bookings.event_at,
        bookings.booking_date,
        bookings.booking_local,
        bookings.currency_code,
        bookings.booking_amount,
        bookings.rep_id,
        coalesce(reps.team_id, 'unknown') as team_id,
        opportunities.account_id,
        opportunities.opportunity_type,
        opportunities.segment,
        opportunities.channel,
        opportunities.product

    from bookings
    inner join opportunities on bookings.opportunity_id = opportunities.opportunity_id
    left join reps on bookings.rep_id = reps.rep_id
    where bookings.event_type = 'win' or bookings.booking_amount <> 0 or bookings.booking_amount is null

)

select * from final
