with

spells as (

    select * from {{ ref('fct_subscription_spells') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

rates as (

    select * from {{ ref('dim_exchange_rates') }}

),

-- a month is observed at its end, the running one as of now
months as (

    select
        month_start_date as month_date,
        max(date_day) as observed_date

    from dates
    where is_past
    group by month_start_date

),

running as (

    select
        months.month_date,
        spells.subscription_id,
        spells.source_system,
        spells.source_instance,
        spells.account_id,
        spells.root_account_id,
        spells.segment,
        months.observed_date,
        spells.currency_code,
        sum(spells.mrr_local) as mrr_local

    from spells
    inner join months
        on
            spells.from_date <= months.observed_date
            and (spells.to_date is null or spells.to_date >= months.observed_date)
    group by
        months.month_date, spells.subscription_id, spells.source_system, spells.source_instance, spells.account_id,
        spells.root_account_id, spells.segment, months.observed_date, spells.currency_code

),

final as (

    select
        running.month_date,
        running.subscription_id,
        running.source_system,
        running.source_instance,
        running.account_id,
        running.root_account_id,
        running.segment,
        running.observed_date,
        running.currency_code,
        cast(running.mrr_local as decimal(18, 2)) as mrr_local,
        {{ in_reporting_currency('running.mrr_local', 'running.currency_code', 'rates.rate') }} as mrr_amount

    from running
    left join rates
        on
            running.currency_code = rates.currency_code
            and running.observed_date = rates.rate_date

)

select * from final
