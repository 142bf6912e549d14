with

opportunities as (

    select * from {{ ref('int_opportunities__unioned') }}

),

conformed as (

    select * from {{ ref('int_opportunities__conformed') }}

),

contacts as (

    select * from {{ ref('int_opportunity_contacts__unioned') }}

),

people as (

    select * from {{ ref('int_opportunity_people__linked') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

named as (

    select opportunity_id
    from contacts
    group by opportunity_id

),

linked as (

    select opportunity_id
    from people
    group by opportunity_id

),

judged as (

    select
        opportunities.source_system,
        opportunities.opportunity_id,
        case
            when conformed.account_id is not null then null
            when opportunities.account_source_id is not null then 'unknown_account'
            when opportunities.company_domain is not null then 'unknown_domain'
            else 'no_account'
        end as account_reason,
        case
            when linked.opportunity_id is not null then null
            when named.opportunity_id is not null then 'unknown_person'
            else 'no_person'
        end as person_reason,
        case
            when owners.rep_id is not null then null
            when opportunities.owner_source_id is not null then 'unknown_owner'
            else 'no_owner'
        end as rep_reason

    from conformed
    inner join opportunities on conformed.opportunity_id = opportunities.opportunity_id
    left join named on conformed.opportunity_id = named.opportunity_id
    left join linked on conformed.opportunity_id = linked.opportunity_id
    left join owners on opportunities.owner_source_id = owners.owner_source_id

),

final as (

    select
        source_system as left_system,
        'crm' as right_system,
        'opportunity_account' as entity,
        opportunity_id as left_id,
        account_reason as unmatched_reason
    from judged
    union all
    select
        source_system as left_system,
        'crm' as right_system,
        'opportunity_person' as entity,
        opportunity_id as left_id,
        person_reason as unmatched_reason
    from judged
    union all
    select
        source_system as left_system,
        'crm' as right_system,
        'opportunity_rep' as entity,
        opportunity_id as left_id,
        rep_reason as unmatched_reason
    from judged

)

select * from final
