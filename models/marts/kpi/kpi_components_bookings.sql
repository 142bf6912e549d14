with

bookings as (

    select * from {{ ref('fct_bookings') }}

),

-- a reopened deal is a deal less, an amended one is none more; one whose amount is unknown never was one
counted as (

    select
        *,
        booking_amount * booking_amount as square_amount,
        case
            when event_type = 'win' and booking_amount <> 0 then 1
            when event_type = 'reopening' and booking_amount <> 0 then -1
            else 0
        end as deals_count

    from bookings

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
        sum(case when opportunity_type <> 'renewal' then square_amount else 0 end) as bookings_amount_squares,
        sum(case when opportunity_type <> 'renewal' then deals_count else 0 end) as bookings_amount_records,
        sum(case when opportunity_type = 'renewal' then booking_amount else 0 end) as renewal_bookings_amount,
        sum(case when opportunity_type = 'renewal' then square_amount else 0 end) as renewal_bookings_amount_squares,
        sum(case when opportunity_type = 'renewal' then deals_count else 0 end) as renewal_bookings_amount_records,
        sum(case when opportunity_type = 'expansion' then booking_amount else 0 end) as expansion_amount,
        sum(case when opportunity_type = 'expansion' then square_amount else 0 end) as expansion_amount_squares,
        sum(case when opportunity_type = 'expansion' then deals_count else 0 end) as expansion_amount_records

    from counted
    group by booking_date, rep_id, team_id, segment, channel, product

),

final as (
    {{ components_of(
        'booked',
        [
            'bookings_amount', 'bookings_amount_squares', 'bookings_amount_records',
            'renewal_bookings_amount', 'renewal_bookings_amount_squares', 'renewal_bookings_amount_records',
            'expansion_amount', 'expansion_amount_squares', 'expansion_amount_records'
        ],
        ['rep_id', 'team_id', 'segment', 'channel', 'product']
    ) }}

)

select * from final
