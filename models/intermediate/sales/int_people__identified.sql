with

people as (

    select * from {{ ref('int_people__unioned') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}

),

-- records merged away that the export still lists are the record they were merged into
present as (

    select
        people.person_source_id,
        people.person_kind,
        people.person_email,
        people.linked_person_source_id

    from people
    left join merged_records
        on
            merged_records.entity = 'person'
            and people.person_source_id = merged_records.merged_source_id
    where not people.is_deleted and merged_records.merged_source_id is null

),

nodes as (

    select
        person_source_id as id,
        person_email as key,
        -- a person found by prospecting takes the id of the CRM's record, never the other way round
        case when person_kind = 'prospect' then '1|' else '0|' end || person_source_id as label

    from present

),

links as (

    select person_source_id as from_id, linked_person_source_id as to_id from present where linked_person_source_id is not null
    union
    select linked_person_source_id as from_id, person_source_id as to_id from present where linked_person_source_id is not null

),
{{ connected_labels('nodes', 'links') }},

final as (

    select
        id as person_source_id,
        substring(label, 3) as contact_id,
        key as person_email

    from labelled

    union all

    select
        merged_records.merged_source_id as person_source_id,
        substring(labelled.label, 3) as contact_id,
        cast(null as varchar) as person_email

    from merged_records
    inner join labelled on merged_records.kept_source_id = labelled.id
    where merged_records.entity = 'person'

)

select * from final
