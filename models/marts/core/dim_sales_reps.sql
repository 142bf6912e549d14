with

users as (

    select * from {{ ref('int_users__unioned') }}

),

identified as (

    select * from {{ ref('int_users__identified') }}

),

ranked as (

    select
        identified.rep_id,
        users.*,
        row_number() over (partition by identified.rep_id order by users.attribute_rank, users.user_source_id) as attribute_order

    from users
    inner join identified on users.user_source_id = identified.user_source_id

),

known as (

    select
        rep_id,
        min_by(user_name, attribute_order) filter (where user_name is not null) as rep_name,
        min_by(team_name, attribute_order) filter (where team_name is not null) as team_id,
        min_by(role, attribute_order) filter (where role is not null) as role,
        min_by(hired_date, attribute_order) filter (where hired_date is not null) as hired_date,
        min_by(left_date, attribute_order) filter (where left_date is not null) as left_date,
        min_by(quota_share, attribute_order) filter (where quota_share is not null) as quota_share,
        bool_or(is_active) as is_active

    from ranked
    group by rep_id

),

-- whom records without an owner, or with one that resolves to nobody, are credited to
nobody as (

    select 'unallocated' as rep_id
    union all
    select 'unknown' as rep_id

),

final as (

    select
        rep_id,
        coalesce(rep_name, rep_id) as rep_name,
        coalesce(team_id, 'unknown') as team_id,
        coalesce(role, 'unknown') as role,
        hired_date,
        left_date,
        coalesce(quota_share, 1) as quota_share,
        is_active

    from known

    union all

    select
        rep_id,
        rep_id as rep_name,
        rep_id as team_id,
        'unknown' as role,
        cast(null as date) as hired_date,
        cast(null as date) as left_date,
        cast(0 as double) as quota_share,
        false as is_active

    from nobody

)

select * from final
