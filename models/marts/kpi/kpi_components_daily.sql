with

clocks as (

    select * from {{ ref('dim_clocks') }}

),

atoms as (
    {{ union_by_name(
        [
            'kpi_components_activities', 'kpi_components_people', 'kpi_components_opportunities', 'kpi_components_steps',
            'kpi_components_bookings', 'kpi_components_customers', 'kpi_components_finance', 'kpi_components_traffic'
        ],
        ['component_code', 'component_date', 'rep_id', 'team_id', 'segment', 'channel', 'product', 'component_value']
    ) }}

),

past as (

    select atoms.*

    from atoms
    inner join clocks on atoms.component_date <= clocks.as_of_date

),

scoped as (

    select
        component_code,
        component_date,
        {{ scope_columns() }},
        sum(component_value) as component_value

    from past
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
