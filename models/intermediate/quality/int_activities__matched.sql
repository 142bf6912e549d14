with

activities as (

    select * from {{ ref('int_activities__judged') }}

),

people as (

    select * from {{ ref('int_activity_people__linked') }}

),

linked as (

    select activity_id
    from people
    group by activity_id

),

judged as (

    select
        activities.source_system,
        activities.activity_id,
        case when linked.activity_id is null then 'no_person' end as person_reason,
        case activities.rep_id when 'unallocated' then 'no_owner' when 'unknown' then 'unknown_owner' end as rep_reason

    from activities
    left join linked on activities.activity_id = linked.activity_id

),

final as (

    select
        source_system as left_system,
        'crm' as right_system,
        'activity_person' as entity,
        activity_id as left_id,
        person_reason as unmatched_reason
    from judged
    union all
    select
        source_system as left_system,
        'crm' as right_system,
        'activity_rep' as entity,
        activity_id as left_id,
        rep_reason as unmatched_reason
    from judged

)

select * from final
