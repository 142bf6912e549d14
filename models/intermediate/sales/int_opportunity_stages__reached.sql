with

entries as (

    select * from {{ ref('int_opportunity_entries__first') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}
    where counting_unit = 'opportunity'

),

owners as (

    select * from {{ ref('int_opportunity_owners__spelled') }}

),
{{ chained_stages('entries', 'opportunity_id', 'stages') }},

final as (

    select
        reached_stages.opportunity_id,
        reached_stages.stage,
        reached_stages.position,
        reached_stages.reached_at,
        reached_stages.reached_date,
        reached_stages.is_inferred,
        reached_stages.is_repaired,
        reached_stages.strict_date,
        coalesce(owners.rep_id, first_owners.rep_id, 'unallocated') as rep_id

    from reached_stages
    left join owners
        on
            reached_stages.opportunity_id = owners.opportunity_id
            and reached_stages.reached_at >= owners.owned_from
            and reached_stages.reached_at < coalesce(owners.owned_to, cast('9999-12-31' as timestamp))
    left join owners as first_owners
        on
            reached_stages.opportunity_id = first_owners.opportunity_id
            and first_owners.is_first

)

select * from final
