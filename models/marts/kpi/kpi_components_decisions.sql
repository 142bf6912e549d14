with

bookings as (

    select * from {{ ref('fct_bookings') }}
    where opportunity_type = 'new_business'

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business'

),

-- a win counts on the day it was booked, also one that was taken back later: what is taken back is a correction
decided as (

    select
        booking_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        true as has_demo,
        true as has_proposal,
        true as is_signed,
        booking_amount

    from bookings
    where event_type = 'win'

    union all

    select
        close_date as component_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        demo_date is not null or proposal_date is not null as has_demo,
        proposal_date is not null as has_proposal,
        false as is_signed,
        cast(0 as decimal(18, 2)) as booking_amount

    from opportunities
    where status in ('lost', 'no_decision')

),

counted as (

    select
        component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        count(*) as decided_deals,
        sum(case when has_demo then 1 else 0 end) as decided_deals_with_demo,
        sum(case when has_proposal then 1 else 0 end) as decided_deals_with_proposal,
        sum(case when is_signed then 1 else 0 end) as signed_deals,
        sum(booking_amount) as signed_amount

    from decided
    group by component_date, rep_id, team_id, segment, channel, product

),

corrected as (

    select
        booking_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        sum(booking_amount) as corrected_amount

    from bookings
    where event_type <> 'win'
    group by booking_date, rep_id, team_id, segment, channel, product

),

final as (
    {{ components_of(
        'counted',
        ['decided_deals', 'decided_deals_with_demo', 'decided_deals_with_proposal', 'signed_deals', 'signed_amount'],
        ['rep_id', 'team_id', 'segment', 'channel', 'product']
    ) }}
    union all
    {{ components_of('corrected', ['corrected_amount'], ['rep_id', 'team_id', 'segment', 'channel', 'product']) }}

)

select * from final
