with

activity_people as (

    select * from {{ ref('fct_activity_people') }}
    where is_touch

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

-- somebody touched by two reps is one person for the team and for the company
scoped as (

    select contact_id, occurred_date, 'company' as scope_type, 'all' as scope_id from activity_people
    union all
    select contact_id, occurred_date, 'team' as scope_type, team_id as scope_id from activity_people
    union all
    select contact_id, occurred_date, 'rep' as scope_type, rep_id as scope_id from activity_people

),

final as (

    select
        'people_touched' as kpi_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        scoped.scope_type,
        scoped.scope_id,
        cast(count(distinct scoped.contact_id) as bigint) as people_count

    from scoped
    inner join windows on scoped.occurred_date between windows.window_start_date and windows.window_end_date
    group by windows.period_grain, windows.period_start_date, windows.purpose, scoped.scope_type, scoped.scope_id

)

select * from final
