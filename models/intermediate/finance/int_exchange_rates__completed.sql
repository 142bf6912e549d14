with

rates as (

    select * from {{ ref('exchange_rates') }}

),

final as (

    select
        currency_code,
        month_date,
        rate

    from rates
    where currency_code <> '{{ var("reporting_currency") }}'

)

select * from final
