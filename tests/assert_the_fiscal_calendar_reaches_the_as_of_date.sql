-- Days after the last fiscal year of the seed have no figures: the next year has to be added before it begins.
with

years as (

    select * from {{ ref('fiscal_calendar') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

final as (

    select
        clocks.as_of_date,
        max(years.end_date) as last_end_date

    from clocks
    cross join years
    group by clocks.as_of_date
    having max(years.end_date) < clocks.as_of_date

)

select * from final
