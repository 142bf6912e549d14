with

users as (

    select * from {{ ref('int_users__identified') }}

),

-- exports name an owner by id, e-mail or name
aliases as (

    select user_source_id as owner_source_id, rep_id from users
    union
    select source_instance || ':' || user_email as owner_source_id, rep_id from users where user_email is not null
    union
    select source_instance || ':' || user_name as owner_source_id, rep_id from users where user_name is not null

),

final as (

    select
        owner_source_id,
        min(rep_id) as rep_id

    from aliases
    group by owner_source_id
    -- a name two people share names nobody
    having count(distinct rep_id) = 1

)

select * from final
