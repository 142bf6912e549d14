with

changes as (

    select * from {{ ref('stg_salesforce__lead_changes') }}
    where field_name = 'owner' and owner_source_id is not null

),

identified as (

    select * from {{ ref('int_people__identified') }}

),

people as (

    select * from {{ ref('int_people__conformed') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

-- a lead that comes out of a queue was, from the beginning, for the first person who took it
owned as (

    select
        person_source_id,
        owner_source_id,
        changed_at as owned_from

    from changes

    union all

    select
        person_source_id,
        min_by(previous_owner_source_id, changed_at) as owner_source_id,
        cast(null as timestamp) as owned_from

    from changes
    group by person_source_id
    having min_by(previous_owner_source_id, changed_at) is not null

),

spelled as (

    select
        identified.contact_id,
        owned.person_source_id,
        coalesce(owners.rep_id, 'unknown') as rep_id,
        owned.owned_from,
        lead(owned.owned_from) over (partition by owned.person_source_id order by owned.owned_from nulls first) as owned_to,
        row_number() over (partition by owned.person_source_id order by owned.owned_from nulls first) = 1 as is_first

    from owned
    inner join identified on owned.person_source_id = identified.person_source_id
    left join owners on owned.owner_source_id = owners.owner_source_id

),

-- of a person with several records, the lead that names the present owner
credited as (

    select
        spelled.contact_id,
        min(spelled.person_source_id) as person_source_id

    from spelled
    inner join people on spelled.contact_id = people.contact_id
    where spelled.owned_to is null and spelled.rep_id = people.rep_id
    group by spelled.contact_id

),

final as (

    select
        spelled.contact_id,
        spelled.rep_id,
        case when not spelled.is_first then spelled.owned_from end as owned_from,
        spelled.owned_to

    from spelled
    inner join credited on spelled.person_source_id = credited.person_source_id

)

select * from final
