with

users as (

    select * from {{ ref('int_users__unioned') }}

),

-- one person is one rep across systems when the e-mail is the same; a user without one is a rep of its own
final as (

    select
        user_source_id,
        source_instance,
        user_email,
        user_name,
        first_value(user_source_id) over (
            partition by coalesce(user_email, user_source_id)
            order by id_rank, user_source_id
        ) as rep_id

    from users

)

select * from final
