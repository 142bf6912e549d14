with

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

final as (

    select
        cast('now' as varchar) as clock_id,
        as_of_date,
        checked_at

    from clocks

)

select * from final
