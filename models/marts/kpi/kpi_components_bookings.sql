with

bookings as (

    select * from {{ ref('fct_bookings') }}

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

final as (
    {{ components_of(
        'booked',
        ['bookings_amount', 'renewal_bookings_amount', 'expansion_amount'],
        ['rep_id', 'team_id', 'segment', 'channel', 'product']
    ) }}

)

select * from final
