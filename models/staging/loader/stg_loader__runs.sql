with

source as (

    select * from {{ source('loader', 'runs') }}

),

final as (

    select
        run_id,
        started_at,
        finished_at,
        checked_at,
        known_at,
        as_of_date,
        generation,
        code_version,
        dbt_version,
        duckdb_version,
        sources,
        stale_sources,
        outcome,
        message

    from source

)

select * from final
