with

people as (

    select * from {{ ref('int_people__unioned') }}

),

lead_changes as (

    select * from {{ ref('stg_salesforce__lead_changes') }}

),

leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

mapping as (

    select * from {{ ref('int_source_stages__mapped') }}
    where pipeline = 'lead'

),

logged as (

    select
        lead_changes.person_source_id,
        min(case when mapping.stage = 'mql' then lead_changes.changed_at end) as mql_at,
        min(case when mapping.stage = 'sql' then lead_changes.changed_at end) as sql_at

    from lead_changes
    inner join mapping
        on
            lead_changes.source_instance = mapping.source_instance
            and lead_changes.source_stage = mapping.source_stage
    where lead_changes.field_name = 'stage'
    group by lead_changes.person_source_id

),

converted as (

    select
        person_source_id,
        {{ local_midnight('converted_date') }} as converted_at

    from leads
    where is_converted

),

-- a status without the history of its change dates from the record's creation at the earliest
present as (

    select
        people.person_source_id,
        case when mapping.stage = 'mql' then people.created_at end as mql_at,
        case when mapping.stage = 'sql' then people.created_at end as sql_at

    from people
    inner join mapping
        on
            people.source_instance = mapping.source_instance
            and people.lead_status = mapping.source_stage

),

final as (

    select
        people.person_source_id,
        coalesce(people.mql_at, logged.mql_at, present.mql_at) as mql_at,
        coalesce(people.sql_at, logged.sql_at, converted.converted_at, present.sql_at) as sql_at

    from people
    left join logged on people.person_source_id = logged.person_source_id
    left join converted on people.person_source_id = converted.person_source_id
    left join present on people.person_source_id = present.person_source_id

)

select * from final
