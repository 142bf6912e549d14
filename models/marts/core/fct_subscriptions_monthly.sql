with

subscriptions as (

    select * from {{ ref('int_subscriptions__unioned') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

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

final as (

    select
        months.month_date,
        subscriptions.subscription_id,
        subscriptions.source_system,
        subscriptions.source_instance,
        subscriptions.account_id,
        coalesce(accounts.root_account_id, subscriptions.account_id) as root_account_id,
        coalesce(accounts.segment, 'unknown') as segment,
        months.observed_date,
        subscriptions.currency_code,
        subscriptions.mrr_local,
        {{ in_reporting_currency('subscriptions.mrr_local', 'subscriptions.currency_code', 'rates.rate') }} as mrr_amount

    from subscriptions
    inner join months
        on
            subscriptions.started_date <= months.observed_date
            and (subscriptions.ended_date is null or subscriptions.ended_date > months.observed_date)
    left join accounts on subscriptions.account_id = accounts.account_id
    left join rates
        on
            subscriptions.currency_code = rates.currency_code
            and months.observed_date = rates.rate_date

)

select * from final
