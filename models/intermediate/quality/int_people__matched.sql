with

people as (

    select * from {{ ref('int_people__unioned') }}

),

identified as (

    select * from {{ ref('int_people__identified') }}

),

records as (

    select
        people.person_source_id as left_id,
        people.source_system,
        people.source_instance,
        people.person_kind,
        identified.contact_id as identity_id,
        case
            when people.person_email is null then 'no_email'
            when people.own_email is null then 'shared_mailbox'
            else 'unknown_email'
        end as reason

    from people
    inner join identified on people.person_source_id = identified.person_source_id
    where not people.is_deleted

),

-- each identity in each folder of exports
known as (

    select
        identity_id,
        source_system,
        source_instance

    from records
    where person_kind <> 'prospect'
    group by identity_id, source_system, source_instance

),

instances as (

    select
        source_system,
        source_instance

    from known
    group by source_system, source_instance

),

-- a record looks for itself in every other CRM, and in other accounts of its own
pairs as (

    select
        records.left_id,
        records.source_system as left_system,
        instances.source_system as right_system,
        records.reason,
        count(known.identity_id) as found_count

    from records
    inner join instances on records.source_instance <> instances.source_instance
    left join known
        on
            records.identity_id = known.identity_id
            and instances.source_instance = known.source_instance
            and instances.source_system = known.source_system
    where records.person_kind <> 'prospect'
    group by records.left_id, records.source_system, instances.source_system, records.reason

),

prospects as (

    select
        records.left_id,
        records.source_system as left_system,
        'crm' as right_system,
        records.reason,
        count(known.identity_id) as found_count

    from records
    left join known on records.identity_id = known.identity_id
    where records.person_kind = 'prospect'
    group by records.left_id, records.source_system, records.reason

),

unioned as (

    select * from pairs
    union all
    select * from prospects

),

final as (

    select
        left_system,
        right_system,
        'person' as entity,
        left_id,
        case when found_count = 0 then reason end as unmatched_reason

    from unioned

)

select * from final
