with

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

judged as (

    select * from {{ ref('int_source_tables__judged') }}

),

final as (

    select
        tables.entity,
        count(judged.entity) > 0 as is_loaded

    from tables
    left join judged on tables.entity = judged.entity
    where tables.entity is not null
    group by tables.entity

)

select * from final
