-- Every KPI has a reaction, its own or that of its family: an alert without one would have no sentence.
with

registry as (

    select * from {{ ref('kpi_registry') }}

),

reactions as (

    select * from {{ ref('kpi_reactions') }}
    where look_en || analyse_en || talk_en || adjust_en || look_fr || analyse_fr || talk_fr || adjust_fr is not null

),

final as (

    select registry.kpi_code

    from registry
    left join reactions on reactions.applies_to in (registry.kpi_code, registry.family)
    group by registry.kpi_code
    having count(reactions.applies_to) = 0

)

select * from final
