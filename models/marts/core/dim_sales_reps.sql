with

users as (

    select * from {{ ref('int_users__unioned') }}

),

identified as (

    select * from {{ ref('int_users__identified') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}
    where valid_to_date is null

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
        min_by(hired_date, attribute_order) filter (where hired_date is not null) as hired_date,
        min_by(left_date, attribute_order) filter (where left_date is not null) as left_date,
        min_by(quota_share, attribute_order) filter (where quota_share is not null) as quota_share,
        bool_or(is_active) as is_active

    from ranked
    group by rep_id

),

final as (

    select
        spells.rep_id,
        coalesce(known.rep_name, spells.rep_id) as rep_name,
        spells.team_id,
        spells.role,
        spells.manager_rep_id,
        known.hired_date,
        known.left_date,
        -- nobody has no quota
        case when known.rep_id is null then 0 else coalesce(known.quota_share, 1) end as quota_share,
        coalesce(known.is_active, false) as is_active

    from spells
    left join known on spells.rep_id = known.rep_id

)

select * from final
