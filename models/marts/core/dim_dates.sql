with

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

fiscal_years as (

    select * from {{ ref('fiscal_calendar') }}

),

holidays as (

    select * from {{ ref('public_holidays') }}

),

days as (
    {{ date_series("cast('2015-01-01' as date)", "cast('2035-12-31' as date)") }}

),

final as (

    select
        days.date_day,
        cast(date_trunc('week', days.date_day) as date) as week_start_date,
        cast(date_trunc('month', days.date_day) as date) as month_start_date,
        cast(fiscal_years.fiscal_year as bigint) as fiscal_year,
        fiscal_years.start_date as fiscal_year_start_date,
        fiscal_years.end_date as fiscal_year_end_date,
        cast(floor(date_diff('month', fiscal_years.start_date, days.date_day) / 3) + 1 as bigint) as fiscal_quarter,
        -- a year that begins within a month (a company's first) has a first quarter that begins with it
        cast(greatest(
            fiscal_years.start_date,
            date_trunc('month', fiscal_years.start_date) + to_months(cast(floor(date_diff('month', fiscal_years.start_date, days.date_day) / 3) * 3 as integer))
        ) as date) as fiscal_quarter_start_date,
        cast(isodow(days.date_day) as bigint) as iso_weekday,
        isodow(days.date_day) <= 5 and holidays.holiday_date is null as is_business_day,
        holidays.label_fr as holiday_name_fr,
        holidays.label_en as holiday_name_en,
        days.date_day <= clocks.as_of_date as is_past

    from days
    cross join clocks
    inner join fiscal_years on days.date_day between fiscal_years.start_date and fiscal_years.end_date
    left join holidays on days.date_day = holidays.holiday_date

)

select * from final
