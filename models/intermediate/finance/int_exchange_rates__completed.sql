with

rates as (

    select * from {{ ref('exchange_rates') }}
    where currency_code <> '{{ var("reporting_currency") }}'

),

-- a rate of a day holds for it and, where none is given, for the week after: nothing is quoted on week-ends and holidays
dated as (

    select
        currency_code,
        cast(unnest(generate_series(rate_date, rate_date + 7, interval 1 day)) as date) as rate_date,
        rate_date as quoted_date,
        rate

    from rates
    where rate_date is not null

),

-- a mean of a month holds for its days alone, and only where no day's own rate does
monthly as (

    select
        currency_code,
        cast(unnest(generate_series(date_trunc('month', month_date), last_day(month_date), interval 1 day)) as date) as rate_date,
        cast(null as date) as quoted_date,
        rate

    from rates
    where rate_date is null

),

offered as (

    select * from dated
    union all
    select * from monthly

),

final as (

    select
        currency_code,
        rate_date,
        rate

    from offered
    qualify row_number() over (partition by currency_code, rate_date order by quoted_date desc nulls last) = 1

)

select * from final
