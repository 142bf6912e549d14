with

records as (

    select * from {{ ref('int_records__identified') }}

),

-- each identity in each folder of a CRM's exports
known as (

    select
        entity,
        identity_id,
        source_system,
        source_instance

    from records
    where not is_prospect
    group by entity, identity_id, source_system, source_instance

),

instances as (

    select
        entity,
        source_system,
        source_instance

    from known
    group by entity, source_system, source_instance

),

-- a record looks for itself in every other CRM, and in other accounts of its own; a prospect in any
pairs as (

    select
        records.entity,
        records.record_id,
        records.source_system as left_system,
        instances.source_system as right_system,
        records.unmatched_reason,
        count(known.identity_id) as found_count

    from records
    inner join instances
        on
            records.entity = instances.entity
            and records.source_instance <> instances.source_instance
    left join known
        on
            records.entity = known.entity
            and records.identity_id = known.identity_id
            and instances.source_instance = known.source_instance
            and instances.source_system = known.source_system
    where not records.is_prospect
    group by records.entity, records.record_id, records.source_system, instances.source_system, records.unmatched_reason

    union all

    select
        records.entity,
        records.record_id,
        records.source_system as left_system,
        'crm' as right_system,
        records.unmatched_reason,
        count(known.identity_id) as found_count

    from records
    left join known
        on
            records.entity = known.entity
            and records.identity_id = known.identity_id
    where records.is_prospect
    group by records.entity, records.record_id, records.source_system, records.unmatched_reason

),

final as (

    select
        left_system,
        right_system,
        entity,
        record_id as left_id,
        case when found_count = 0 then unmatched_reason end as unmatched_reason

    from pairs

)

select * from final
