with

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

final as (

    select
        currency_code,
        cast(rate_date as date) as rate_date,
        cast(rate as decimal(18, 6)) as rate

    from rates

)

select * from final
