with

registry as (

    select * from {{ ref('kpi_registry') }}

),

objectives as (

    select * from {{ ref('objectives') }}

),

final as (

    select
        registry.kpi_code,
        registry.name_en,
        registry.name_fr,
        registry.family,
        registry.kind,
        registry.unit,
        registry.direction,
        registry.objective_code,
        objectives.label_en as objective_en,
        objectives.label_fr as objective_fr,
        registry.owner_role,
        registry.cadence,
        registry.decision,
        registry.minimum_sample,
        registry.matures_after,
        registry.description_en,
        registry.description_fr

    from registry
    left join objectives on registry.objective_code = objectives.objective_code

)

select * from final
