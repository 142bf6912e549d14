with

bookings as (

    select * from {{ ref('int_bookings__ledgered') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

-- amendments and reopenings are of the team that won: they set right what it was credited with
won as (

    select
        opportunity_id,
        win_number,
        booking_date as win_date

    from bookings
    where event_type = 'win'

),

final as (

    select
        bookings.opportunity_id
        || '|'
        || cast(bookings.win_number as varchar)
        || '|'
        || cast(row_number() over (partition by bookings.opportunity_id, bookings.win_number order by bookings.event_number) as varchar)
            as booking_id,
        bookings.opportunity_id,
        cast(bookings.win_number as bigint) as win_number,
        bookings.event_type,
        bookings.event_at,
        bookings.booking_date,
        won.win_date,
        bookings.booking_local,
        bookings.currency_code,
        bookings.booking_amount,
        bookings.rep_id,
        coalesce(spells.team_id, 'unknown') as team_id,
        opportunities.account_id,
        opportunities.opportunity_type,
        opportunities.segment,
        opportunities.channel,
        opportunities.product

    from bookings
    inner join opportunities on bookings.opportunity_id = opportunities.opportunity_id
    inner join won
        on
            bookings.opportunity_id = won.opportunity_id
            and bookings.win_number = won.win_number
    left join spells on {{ in_spell('spells', 'bookings.rep_id', 'won.win_date') }}
    where bookings.event_type = 'win' or bookings.booking_amount <> 0 or bookings.booking_amount is null

)

select * from final
