with

wins as (

    select * from {{ ref('int_wins__dated') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

-- the amounts of a win, each with the day from which it held
priced as (

    select
        opportunity_id,
        win_number,
        'win' as event_type,
        won_at as event_at,
        0 as change_number,
        win_date as booking_date,
        won_amount_local as amount_local,
        currency_code,
        rate,
        rep_id

    from wins

    union all

    select
        wins.opportunity_id,
        wins.win_number,
        'amendment' as event_type,
        changes.changed_at as event_at,
        changes.change_number,
        -- a win whose close date is to come is booked then, and what was changed since is with it
        greatest(wins.win_date, {{ local_date('changes.changed_at') }}) as booking_date,
        changes.amount_local,
        wins.currency_code,
        wins.rate,
        wins.rep_id

    from wins
    inner join changes
        on
            wins.opportunity_id = changes.opportunity_id
            and changes.changed_at > wins.saved_at
            and (wins.reopened_at is null or changes.changed_at < wins.reopened_at)
    where changes.field_name = 'amount' and changes.amount_local is not null

    union all

    select
        opportunity_id,
        win_number,
        'reopening' as event_type,
        reopened_at as event_at,
        cast(null as bigint) as change_number,
        greatest(win_date, {{ local_date('reopened_at') }}) as booking_date,
        0 as amount_local,
        currency_code,
        rate,
        rep_id

    from wins
    where reopened_at is not null

),

valued as (

    select
        *,
        cast(coalesce(amount_local, 0) * rate as decimal(18, 2)) as amount

    from priced

),

final as (

    select
        opportunity_id,
        win_number,
        cast(row_number() over events as bigint) as event_number,
        event_type,
        event_at,
        booking_date,
        cast(amount_local - coalesce(lag(amount_local) over events, 0) as decimal(18, 2)) as booking_local,
        currency_code,
        cast(amount - coalesce(lag(amount) over events, 0) as decimal(18, 2)) as booking_amount,
        rep_id

    from valued
    -- of two changes in one second the later one in the export is the later one
    window events as (partition by opportunity_id, win_number order by event_at, change_number nulls last)

)

select * from final
