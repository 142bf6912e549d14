with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

salesforce_changes as (

    select * from {{ ref('stg_salesforce__opportunity_changes') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

logged as (

    select
        opportunity_id,
        owner_source_id,
        changed_at,
        change_number

    from changes
    where field_name = 'owner' and owner_source_id is not null

),

first_logged as (

    select
        opportunity_id,
        min(changed_at) as changed_at

    from logged
    group by opportunity_id

),

-- before the first change a history remembers, the owner was the one it changed from
before_first as (

    select
        salesforce_changes.opportunity_id,
        min_by(salesforce_changes.previous_owner_source_id, salesforce_changes.changed_at) as owner_source_id

    from salesforce_changes
    where salesforce_changes.field_name = 'owner' and salesforce_changes.previous_owner_source_id is not null
    group by salesforce_changes.opportunity_id

),

starts as (

    select
        opportunities.opportunity_id,
        coalesce(before_first.owner_source_id, opportunities.owner_source_id) as owner_source_id,
        opportunities.created_at as changed_at,
        0 as change_number

    from opportunities
    left join first_logged on opportunities.opportunity_id = first_logged.opportunity_id
    left join before_first on opportunities.opportunity_id = before_first.opportunity_id
    where first_logged.opportunity_id is null or before_first.owner_source_id is not null

),

unioned as (

    select * from logged
    union all
    select * from starts

),

final as (

    select
        unioned.opportunity_id,
        case
            when unioned.owner_source_id is null then 'unallocated'
            else coalesce(owners.rep_id, 'unknown')
        end as rep_id,
        unioned.changed_at as owned_from,
        lead(unioned.changed_at) over (partition by unioned.opportunity_id order by unioned.changed_at, unioned.change_number) as owned_to,
        row_number() over (partition by unioned.opportunity_id order by unioned.changed_at, unioned.change_number) = 1 as is_first

    from unioned
    inner join opportunities on unioned.opportunity_id = opportunities.opportunity_id
    left join owners on unioned.owner_source_id = owners.owner_source_id

)

select * from final
