with

activities as (

    select * from {{ ref('int_activities__judged') }}

),

links as (

    select * from {{ ref('int_activity_people__linked') }}

),

final as (

    select
        links.contact_id,
        activities.occurred_date as contacted_date

    from activities
    inner join links on activities.activity_id = links.activity_id
    where activities.is_touch or activities.is_two_way
    group by links.contact_id, activities.occurred_date

)

select * from final
