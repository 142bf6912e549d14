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
        as_of_date,
        generation,
        outcome,
        message

    from source

)

select * from final
