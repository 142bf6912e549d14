-- depends on nothing but the SQL of the models and the registry
with

sources as (

    {{ kpi_sources() }}

),

final as (

    select
        kpi_code,
        source_system,
        table_name

    from sources

)

select * from final
