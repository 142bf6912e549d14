-- A row of exchange_rates names a month, by its first day, or a day: one of the two.
select
    currency_code,
    month_date,
    rate_date
from {{ ref('exchange_rates') }}
where
    (month_date is null) = (rate_date is null)
    or extract(day from month_date) <> 1
