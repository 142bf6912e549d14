-- Each fiscal year begins on the day after the one before has ended: no day is lost, none belongs to two years.
with

years as (

    select
        fiscal_year,
        start_date,
        end_date,
        lag(end_date) over (order by start_date) as previous_end_date

    from {{ ref('fiscal_calendar') }}

),

final as (

    select * from years
    where start_date > end_date or start_date <> previous_end_date + 1

)

select * from final
