-- what a KPI matures after is a number of days or a step of the funnel, whose window tells the days
with

registry as (

    select * from {{ ref('kpi_registry') }}

),

steps as (

    select * from {{ ref('funnel_steps') }}

)

select
    registry.kpi_code,
    registry.matures_after

from registry
left join steps on registry.matures_after = steps.from_stage || '_to_' || steps.to_stage
where registry.matures_after is not null and steps.from_stage is null and try_cast(registry.matures_after as bigint) is null
