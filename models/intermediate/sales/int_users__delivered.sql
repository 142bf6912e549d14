with

users as (

    select * from {{ ref('int_users__unioned') }}

),

unioned as (
    {{ union_by_name(
        ['stg_hubspot__owner_deliveries', 'stg_salesforce__user_deliveries', 'stg_custom__user_deliveries'],
        ['user_source_id', 'team_name', 'role', 'manager_source_id', 'delivered_at', 'delivery_number']
    ) }}

),

-- what the first delivery says was so before it; what a later one says first was so when the day before it ended
dated as (

    select
        *,
        case
            when row_number() over (partition by user_source_id order by delivery_number) > 1 then {{ local_date('delivered_at') }} - 1
        end as from_date

    from unioned

),

-- of several deliveries of a day the last one counts
told as (

    select
        user_source_id,
        from_date,
        team_name,
        role,
        manager_source_id

    from dated
    qualify row_number() over (partition by user_source_id, from_date order by delivery_number desc) = 1

),

-- lists come every day and change a few times a year
changed as (

    select *

    from told
    qualify
        from_date is null
        or team_name is distinct from lag(team_name) over (partition by user_source_id order by from_date nulls first)
        or role is distinct from lag(role) over (partition by user_source_id order by from_date nulls first)
        or manager_source_id is distinct from lag(manager_source_id) over (partition by user_source_id order by from_date nulls first)

),

untold as (

    select
        users.user_source_id,
        cast(null as date) as from_date,
        users.team_name,
        users.role,
        users.manager_source_id

    from users
    left join told
        on
            users.user_source_id = told.user_source_id
            and told.from_date is null
    where told.user_source_id is null

),

final as (

    select * from changed
    union all
    select * from untold

)

select * from final
