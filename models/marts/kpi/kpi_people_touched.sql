with

activity_people as (

    select * from {{ ref('fct_activity_people') }}
    where is_touch

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

window_days as (

    select
        dates.date_day,
        windows.*

    from windows
    inner join dates on dates.date_day between windows.window_start_date and windows.window_end_date

),

-- somebody touched by two reps is one person for the team and for the company
scoped as (

    select contact_id, occurred_date, 'company' as scope_type, 'all' as scope_id from activity_people
    union distinct
    select contact_id, occurred_date, 'team' as scope_type, team_id as scope_id from activity_people
    union distinct
    select contact_id, occurred_date, 'rep' as scope_type, rep_id as scope_id from activity_people

),

-- each person is counted in a window on the first day of it they were touched on, which needs no list of persons
seen as (

    select
        *,
        lag(occurred_date) over (partition by scope_type, scope_id, contact_id order by occurred_date) as previous_date

    from scoped

),

counted as (

    select
        scope_type,
        scope_id,
        occurred_date,
        coalesce(previous_date, cast('0001-01-01' as date)) as previous_date,
        count(*) as people_count

    from seen
    group by scope_type, scope_id, occurred_date, coalesce(previous_date, cast('0001-01-01' as date))

),

final as (

    select
        'people_touched' as kpi_code,
        window_days.period_grain,
        window_days.period_start_date,
        window_days.purpose,
        counted.scope_type,
        counted.scope_id,
        cast(sum(counted.people_count) as bigint) as people_count

    from counted
    inner join window_days
        on
            counted.occurred_date = window_days.date_day
            and counted.previous_date < window_days.window_start_date
    group by
        window_days.period_grain, window_days.period_start_date, window_days.purpose, counted.scope_type, counted.scope_id

)

select * from final
