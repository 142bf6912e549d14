with

users as (

    select * from {{ ref('int_users__unioned') }}

),

identified as (

    select * from {{ ref('int_users__identified') }}

),

delivered as (

    select * from {{ ref('int_users__delivered') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

ranked as (

    select
        users.user_source_id,
        identified.rep_id,
        row_number() over (partition by identified.rep_id order by users.attribute_rank, users.user_source_id) as attribute_order

    from users
    inner join identified on users.user_source_id = identified.user_source_id

),

held as (

    select
        ranked.rep_id,
        ranked.attribute_order,
        delivered.team_name,
        delivered.role,
        owners.rep_id as manager_rep_id,
        coalesce(delivered.from_date, cast('0001-01-01' as date)) as since_date,
        lead(delivered.from_date) over (partition by delivered.user_source_id order by delivered.from_date nulls first) as until_date

    from delivered
    inner join ranked on delivered.user_source_id = ranked.user_source_id
    left join owners on delivered.manager_source_id = owners.owner_source_id

),

days as (

    select
        rep_id,
        since_date

    from held
    group by rep_id, since_date

),

-- a rep has several records: of those that name a team on a day, the one that knows best tells
told as (

    select
        days.rep_id,
        days.since_date,
        coalesce(min_by(held.team_name, held.attribute_order) filter (where held.team_name is not null), 'unknown') as team_id,
        coalesce(min_by(held.role, held.attribute_order) filter (where held.role is not null), 'unknown') as role,
        min_by(held.manager_rep_id, held.attribute_order) filter (where held.manager_rep_id is not null) as manager_rep_id

    from days
    inner join held
        on
            days.rep_id = held.rep_id
            and days.since_date >= held.since_date
            and (held.until_date is null or days.since_date < held.until_date)
    group by days.rep_id, days.since_date

),

changed as (

    select *

    from told
    qualify
        row_number() over (partition by rep_id order by since_date) = 1
        or team_id is distinct from lag(team_id) over (partition by rep_id order by since_date)
        or role is distinct from lag(role) over (partition by rep_id order by since_date)
        or manager_rep_id is distinct from lag(manager_rep_id) over (partition by rep_id order by since_date)

),

final as (

    select
        rep_id,
        team_id,
        role,
        manager_rep_id,
        case when row_number() over (partition by rep_id order by since_date) > 1 then since_date end as valid_from_date,
        lead(since_date) over (partition by rep_id order by since_date) - 1 as valid_to_date

    from changed

)

select * from final
