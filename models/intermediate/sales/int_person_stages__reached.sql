with

entries as (

    select * from {{ ref('int_person_entries__first') }}

),

people as (

    select * from {{ ref('int_people__conformed') }}

),

owners as (

    select * from {{ ref('int_person_owners__spelled') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}
    where counting_unit in ('person', 'opportunity')

),
{{ chained_stages('entries', 'contact_id', 'stages') }},

final as (

    select
        reached_stages.contact_id,
        reached_stages.stage,
        reached_stages.position,
        reached_stages.reached_at,
        reached_stages.reached_date,
        reached_stages.is_inferred,
        reached_stages.is_repaired,
        reached_stages.strict_date,
        coalesce(owners.rep_id, people.rep_id, 'unallocated') as rep_id

    from reached_stages
    inner join people on reached_stages.contact_id = people.contact_id
    left join owners
        on
            reached_stages.contact_id = owners.contact_id
            and reached_stages.reached_at >= coalesce(owners.owned_from, cast('0001-01-01' as timestamp))
            and reached_stages.reached_at < coalesce(owners.owned_to, cast('9999-12-31' as timestamp))

)

select * from final
