with

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

newest as (

    select
        source_system,
        source_instance,
        table_name,
        entity,
        max(extracted_at) as newest_extracted_at

    from loads
    where state in ('loaded', 'unchanged') and entity is not null
    group by source_system, source_instance, table_name, entity

),

judged as (

    select
        newest.entity,
        newest.source_instance,
        newest.table_name,
        newest.newest_extracted_at,
        date_diff('hour', newest.newest_extracted_at, clocks.checked_at) > tables.limit_hours as is_stale

    from newest
    cross join clocks
    left join tables
        on
            newest.source_system = tables.source_system
            and newest.table_name = tables.table_name

),

final as (

    select
        tables.entity,
        count(judged.entity) > 0 as is_loaded,
        coalesce(bool_or(judged.is_stale), false) as is_stale

    from tables
    left join judged on tables.entity = judged.entity
    where tables.entity is not null
    group by tables.entity

)

select * from final
