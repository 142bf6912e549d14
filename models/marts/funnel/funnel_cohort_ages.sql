with

curves as (

    select * from {{ ref('funnel_curves') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

aged as (

    select
        dates.date_day,
        date_diff('day', dates.date_day, clocks.as_of_date) as age_days

    from dates
    cross join clocks

),

final as (

    select
        curves.from_stage,
        curves.to_stage,
        curves.counting,
        aged.date_day as entered_date,
        cast(aged.age_days as bigint) as age_days,
        curves.later_conversion_rate

    from aged
    inner join curves
        on
            aged.age_days >= curves.since_days
            and (curves.until_days is null or aged.age_days <= curves.until_days)

)

select * from final
