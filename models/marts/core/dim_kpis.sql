with

registry as (

    select * from {{ ref('kpi_registry') }}

),

objectives as (

    select * from {{ ref('objectives') }}

),

decision_labels as (

    select * from {{ ref('decision_labels') }}

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
        coalesce(decision_labels.label_fr, registry.decision) as decision_fr,
        registry.minimum_sample,
        registry.matures_after,
        registry.description_en,
        registry.description_fr

    from registry
    left join objectives on registry.objective_code = objectives.objective_code
    left join decision_labels on registry.decision = decision_labels.decision

)

select * from final
