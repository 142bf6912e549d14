with

sources as (

    select * from {{ ref('stg_loader__kpi_sources') }}

),

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

final as (

    select
        sources.kpi_code,
        sources.source_system,
        sources.table_name,
        tables.entity

    from sources
    inner join tables
        on
            sources.source_system = tables.source_system
            and sources.table_name = tables.table_name

)

select * from final
