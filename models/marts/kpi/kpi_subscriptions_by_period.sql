with

spells as (

    select * from {{ ref('fct_subscription_spells') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}
    where period_grain <> 'week'

),

rates as (

    select * from {{ ref('dim_exchange_rates') }}

),

-- a period begins with what stood at the end of the day before
bounds as (

    select
        period_grain,
        period_start_date,
        purpose,
        window_start_date - 1 as opening_date,
        window_end_date as closing_date

    from windows

),

running as (

    select
        bounds.period_grain,
        bounds.period_start_date,
        bounds.purpose,
        bounds.opening_date,
        bounds.closing_date,
        spells.subscription_id,
        spells.root_account_id,
        spells.segment,
        spells.currency_code,
        spells.mrr_local,
        bounds.opening_date between spells.from_date and coalesce(spells.to_date, bounds.closing_date) as is_at_opening,
        bounds.closing_date between spells.from_date and coalesce(spells.to_date, bounds.closing_date) as is_at_closing

    from bounds
    inner join spells
        on
            spells.from_date <= bounds.closing_date
            and (spells.to_date is null or spells.to_date >= bounds.opening_date)

),

summed as (

    select
        period_grain,
        period_start_date,
        purpose,
        opening_date,
        closing_date,
        subscription_id,
        root_account_id,
        segment,
        currency_code,
        -- what is given away is no customer's; what has no known price is
        bool_or(is_at_opening and coalesce(mrr_local, 1) > 0) as is_paying_at_opening,
        bool_or(is_at_closing and coalesce(mrr_local, 1) > 0) as is_paying_at_closing,
        sum(case when is_at_opening then mrr_local end) as opening_local,
        sum(case when is_at_closing then mrr_local end) as closing_local

    from running
    group by
        period_grain, period_start_date, purpose, opening_date, closing_date, subscription_id, root_account_id, segment,
        currency_code

),

-- a currency that moves keeps no customer and loses none: retention takes both ends at the rate of the opening
final as (

    select
        summed.period_grain,
        summed.period_start_date,
        summed.purpose,
        summed.subscription_id,
        summed.root_account_id,
        summed.segment,
        summed.is_paying_at_opening,
        summed.is_paying_at_closing,
        {{ in_reporting_currency('summed.opening_local', 'summed.currency_code', 'opening_rates.rate') }} as opening_mrr_amount,
        {{ in_reporting_currency('summed.closing_local', 'summed.currency_code', 'coalesce(opening_rates.rate, closing_rates.rate)') }}
            as closing_mrr_at_opening_rate_amount,
        {{ in_reporting_currency('summed.closing_local', 'summed.currency_code', 'closing_rates.rate') }} as closing_mrr_amount

    from summed
    left join rates as opening_rates
        on
            summed.currency_code = opening_rates.currency_code
            and summed.opening_date = opening_rates.rate_date
    left join rates as closing_rates
        on
            summed.currency_code = closing_rates.currency_code
            and summed.closing_date = closing_rates.rate_date
    where summed.opening_local is not null or summed.closing_local is not null or summed.is_paying_at_opening or summed.is_paying_at_closing

)

select * from final
