with

states as (

    select * from {{ ref('int_opportunity_states__owned') }}

),

close_dates as (

    select * from {{ ref('int_opportunity_close_dates__told') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

past as (

    select
        states.*,
        least(coalesce(states.to_date, clocks.as_of_date), clocks.as_of_date) as until_date,
        lag(states.status) over in_order as previous_status,
        lag(states.source_stage) over in_order as previous_source_stage,
        lag(states.stage) over in_order as previous_stage,
        lag(states.close_date) over in_order as previous_close_date

    from states
    cross join clocks
    where states.from_date <= clocks.as_of_date
    window in_order as (partition by states.opportunity_id order by states.from_date)

),

final as (

    select
        past.opportunity_id,
        past.from_date,
        past.until_date as to_date,
        past.status,
        max(case when past.status is distinct from past.previous_status then past.from_date end) over until_then as status_from_date,
        coalesce(
            past.status = 'open' and past.previous_status = 'open' and past.close_date > past.previous_close_date, false
        ) as is_put_off,
        -- lost, and later said to be without a decision, or the other way round
        coalesce(
            past.status <> past.previous_status
            and past.status not in ('open', 'won')
            and past.previous_status not in ('open', 'won'),
            false
        ) as is_loss_renamed,
        past.source_stage,
        past.stage,
        max(
            case
                when past.source_stage is distinct from past.previous_source_stage or past.stage is distinct from past.previous_stage
                    then past.from_date
            end
        ) over until_then as stage_from_date,
        past.close_date,
        close_dates.close_date as told_close_date,
        close_dates.from_date as told_from_date,
        past.rep_id,
        past.team_id,
        past.amount_local

    from past
    left join close_dates
        on
            past.opportunity_id = close_dates.opportunity_id
            and past.until_date between close_dates.from_date and close_dates.to_date
    window until_then as (partition by past.opportunity_id order by past.from_date rows unbounded preceding)

)

select * from final
