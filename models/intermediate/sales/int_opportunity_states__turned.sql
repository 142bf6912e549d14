with

states as (

    select * from {{ ref('int_opportunity_states__owned') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

past as (

    select
        states.*,
        least(coalesce(states.to_date, clocks.as_of_date), clocks.as_of_date) as until_date,
        lag(states.status) over in_order as previous_status,
        lag(states.close_date) over in_order as previous_close_date

    from states
    cross join clocks
    where states.from_date <= clocks.as_of_date
    window in_order as (partition by states.opportunity_id order by states.from_date)

),

final as (

    select
        opportunity_id,
        from_date,
        until_date as to_date,
        status,
        max(case when status is distinct from previous_status then from_date end) over (
            partition by opportunity_id order by from_date rows unbounded preceding
        ) as status_from_date,
        coalesce(status = 'open' and previous_status = 'open' and close_date > previous_close_date, false) as is_put_off,
        -- lost, and later said to be without a decision, or the other way round
        coalesce(
            status <> previous_status and status not in ('open', 'won') and previous_status not in ('open', 'won'), false
        ) as is_loss_renamed,
        stage,
        close_date,
        rep_id,
        team_id,
        amount_local

    from past

)

select * from final
