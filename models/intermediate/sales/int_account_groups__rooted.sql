with

accounts as (

    select * from {{ ref('int_accounts__conformed') }}

),

step_1 as (

    select
        accounts.account_id,
        coalesce(parents.account_id, accounts.account_id) as ancestor_id,
        least(accounts.account_id, coalesce(parents.account_id, accounts.account_id)) as smallest_id

    from accounts
    left join accounts as parents on accounts.parent_account_id = parents.account_id

),

-- each jump doubles how far up is seen: three reach eight levels
step_2 as (

    select
        step_1.account_id,
        coalesce(above.ancestor_id, step_1.ancestor_id) as ancestor_id,
        least(step_1.smallest_id, coalesce(above.smallest_id, step_1.smallest_id)) as smallest_id

    from step_1
    left join step_1 as above on step_1.ancestor_id = above.account_id

),

step_4 as (

    select
        step_2.account_id,
        coalesce(above.ancestor_id, step_2.ancestor_id) as ancestor_id,
        least(step_2.smallest_id, coalesce(above.smallest_id, step_2.smallest_id)) as smallest_id

    from step_2
    left join step_2 as above on step_2.ancestor_id = above.account_id

),

step_8 as (

    select
        step_4.account_id,
        coalesce(above.ancestor_id, step_4.ancestor_id) as ancestor_id,
        least(step_4.smallest_id, coalesce(above.smallest_id, step_4.smallest_id)) as smallest_id

    from step_4
    left join step_4 as above on step_4.ancestor_id = above.account_id

),

-- whoever still has a parent eight levels up belongs to a circle of parents: its smallest id stands for the group
final as (

    select
        step_8.account_id,
        case
            when tops.ancestor_id = tops.account_id then tops.account_id
            else circles.smallest_id
        end as root_account_id

    from step_8
    left join step_1 as tops on step_8.ancestor_id = tops.account_id
    left join step_8 as circles on step_8.ancestor_id = circles.account_id

)

select * from final
