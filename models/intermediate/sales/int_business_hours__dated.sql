with

hours as (

    select * from {{ ref('business_hours') }}

),

holidays as (

    select * from {{ ref('public_holidays') }}

),

days as (
    {{ date_series("cast('2015-01-01' as date)", "cast('2035-12-31' as date)") }}

),

-- wall-clock times become moments day by day, so that a change of clocks shifts nothing
opened as (

    select
        days.date_day,
        {{ local_moment(at_time('days.date_day', 'hours.opens_at')) }} as opens_at,
        {{ local_moment(at_time('days.date_day', 'hours.closes_at')) }} as closes_at

    from days
    left join holidays on days.date_day = holidays.holiday_date
    left join hours
        on
            isodow(days.date_day) = hours.iso_weekday
            and holidays.holiday_date is null

),

final as (

    select
        date_day,
        opens_at,
        closes_at,
        cast(coalesce(sum(date_diff('second', opens_at, closes_at)) over (
            order by date_day
            range between unbounded preceding and interval 1 day preceding
        ), 0) as bigint) as open_seconds_before

    from opened

)

select * from final
