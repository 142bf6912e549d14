with

components as (

    select * from {{ ref('kpi_components_past') }}

),

scoped as (

    select
        component_code,
        component_date,
        {{ scope_columns() }},
        sum(component_value) as component_value

    from components
    group by {{ scope_grouping_sets(['component_code', 'component_date']) }}

),

final as (

    select
        component_code,
        component_date,
        scope_type,
        scope_id,
        cast(component_value as decimal(38, 6)) as component_value

    from scoped

)

select * from final
