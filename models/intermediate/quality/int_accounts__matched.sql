with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

identified as (

    select * from {{ ref('int_accounts__identified') }}

),

records as (

    select
        accounts.account_source_id as left_id,
        accounts.source_system,
        accounts.source_instance,
        identified.account_id as identity_id,
        case
            when accounts.domain is null then 'no_domain'
            when accounts.company_domain is null then 'free_mail'
            else 'unknown_domain'
        end as reason

    from accounts
    inner join identified on accounts.account_source_id = identified.account_source_id
    where not accounts.is_deleted

),

-- each identity in each folder of exports
known as (

    select
        identity_id,
        source_system,
        source_instance

    from records
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
    group by records.left_id, records.source_system, instances.source_system, records.reason

),

final as (

    select
        left_system,
        right_system,
        'account' as entity,
        left_id,
        case when found_count = 0 then reason end as unmatched_reason

    from pairs

)

select * from final
