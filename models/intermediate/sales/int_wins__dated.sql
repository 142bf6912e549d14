with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

owners as (

    select * from {{ ref('int_opportunity_owners__spelled') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

wins as (

    select
        visits.opportunity_id,
        visits.entered_at as won_at,
        visits.exited_at as reopened_at,
        -- a CRM logs the fields of one save one after the other
        case
            when visits.exited_at <= visits.entered_at + interval 1 minute then visits.entered_at
            else visits.entered_at + interval 1 minute
        end as saved_at,
        row_number() over in_order as win_number,
        lag(visits.exited_at) over in_order as previous_reopened_at,
        opportunities.currency_code,
        opportunities.amount_local as present_amount_local,
        opportunities.close_date as present_close_date,
        opportunities.status

    from visits
    inner join opportunities on visits.opportunity_id = opportunities.opportunity_id
    where visits.stage = 'won'
    window in_order as (partition by visits.opportunity_id order by visits.entered_at)

),

amount_at_win as (

    select
        wins.opportunity_id,
        wins.win_number,
        max_by(changes.amount_local, changes.change_number) filter (where changes.field_name = 'amount' and changes.amount_local is not null) as amount_local,
        max_by(changes.close_date, changes.change_number) filter (where changes.field_name = 'close_date' and changes.close_date is not null) as close_date

    from wins
    inner join changes
        on
            wins.opportunity_id = changes.opportunity_id
            and changes.changed_at <= wins.saved_at
    group by wins.opportunity_id, wins.win_number

),

won as (

    select
        wins.*,
        coalesce(amount_at_win.amount_local, wins.present_amount_local) as won_amount_local,
        -- the win that stands is at the CRM's close date, one that was taken back at the close date of its time, which was not to
        -- come; neither is before the reopening it follows
        greatest(
            {{ local_date('wins.previous_reopened_at') }},
            case
                when wins.reopened_at is null and wins.status = 'won'
                    then coalesce(wins.present_close_date, {{ local_date('wins.won_at') }})
                else least(amount_at_win.close_date, {{ local_date('wins.won_at') }})
            end
        ) as win_date,
        coalesce(owners.rep_id, first_owners.rep_id, 'unallocated') as rep_id

    from wins
    left join amount_at_win
        on
            wins.opportunity_id = amount_at_win.opportunity_id
            and wins.win_number = amount_at_win.win_number
    left join owners
        on
            wins.opportunity_id = owners.opportunity_id
            and wins.won_at >= owners.owned_from
            and wins.won_at < coalesce(owners.owned_to, cast('9999-12-31' as timestamp))
    left join owners as first_owners
        on
            wins.opportunity_id = first_owners.opportunity_id
            and first_owners.is_first

),

final as (

    select
        won.opportunity_id,
        won.win_number,
        won.won_at,
        won.saved_at,
        won.reopened_at,
        won.win_date,
        won.won_amount_local,
        won.currency_code,
        case when won.currency_code = '{{ var("reporting_currency") }}' then 1 else rates.rate end as rate,
        won.rep_id

    from won
    left join rates
        on
            won.currency_code = rates.currency_code
            and won.win_date = rates.rate_date

)

select * from final
