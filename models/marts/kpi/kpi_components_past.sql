with

clocks as (

    select * from {{ ref('dim_clocks') }}

),

components as (
    {{ union_by_name(
        [
            'kpi_components_activities', 'kpi_components_people', 'kpi_components_opportunities', 'kpi_components_steps',
            'kpi_components_bookings', 'kpi_components_decisions', 'kpi_components_customers', 'kpi_components_finance',
            'kpi_components_traffic', 'kpi_components_outreach', 'kpi_components_qualifications'
        ],
        ['component_code', 'component_date', 'rep_id', 'team_id', 'segment', 'channel', 'product', 'component_value']
    ) }}

),

final as (

    select
        components.component_code,
        components.component_date,
        components.rep_id,
        components.team_id,
        components.segment,
        components.channel,
        components.product,
        components.component_value

    from components
    inner join clocks on components.component_date <= clocks.as_of_date

)

select * from final
