with

people as (

    select * from {{ ref('int_people__unioned') }}

),

other_addresses as (

    select * from {{ ref('int_person_addresses__listed') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}
    where entity = 'person'

),

-- what was merged away is still known by its address
present as (

    select
        people.person_source_id,
        people.person_email,
        people.own_email,
        people.linked_person_source_id,
        -- of several ids a CRM's is taken before a prospecting file's, and one merged away last
        case when merged_records.merged_source_id is not null then '2|' when people.person_kind = 'prospect' then '1|' else '0|' end as rank

    from people
    left join merged_records on people.person_source_id = merged_records.merged_source_id
    where not people.is_deleted or merged_records.merged_source_id is not null

),

nodes as (

    select
        person_source_id as id,
        own_email as key,
        rank || person_source_id as label

    from present

),

first_of_address as (

    select
        own_email,
        min(person_source_id) as person_source_id

    from present
    where own_email is not null
    group by own_email

),

joined as (

    select person_source_id as from_id, linked_person_source_id as to_id from present where linked_person_source_id is not null
    union
    select merged_source_id as from_id, kept_source_id as to_id from merged_records
    union
    -- a second address of a record is the first one of another
    select other_addresses.person_source_id as from_id, first_of_address.person_source_id as to_id
    from other_addresses
    inner join first_of_address on other_addresses.own_email = first_of_address.own_email

),

links as (

    select from_id, to_id from joined
    union
    select to_id as from_id, from_id as to_id from joined

),
{{ connected_labels('nodes', 'links') }},

absent as (

    select
        merged_records.merged_source_id,
        merged_records.kept_source_id

    from merged_records
    left join present on merged_records.merged_source_id = present.person_source_id
    where present.person_source_id is null

),

final as (

    select
        labelled.id as person_source_id,
        substring(labelled.label, 3) as contact_id,
        present.person_email

    from labelled
    inner join present on labelled.id = present.person_source_id

    union all

    select
        absent.merged_source_id as person_source_id,
        substring(labelled.label, 3) as contact_id,
        cast(null as varchar) as person_email

    from absent
    inner join labelled on absent.kept_source_id = labelled.id

)

select * from final
