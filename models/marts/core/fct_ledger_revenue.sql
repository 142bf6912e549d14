with

entries as (

    select * from {{ ref('stg_fec__entries') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

-- class 70 of the French chart: sales, less the rebates of 709
final as (

    select
        entries.cost_line_id as revenue_line_id,
        entries.source_system,
        entries.source_instance,
        entries.booked_date,
        entries.account_code,
        entries.account_name,
        entries.journal_code,
        {{ in_reporting_currency('(entries.credit_amount - entries.debit_amount)', 'entries.currency_code', 'rates.rate') }}
            as revenue_amount

    from entries
    left join rates
        on
            entries.currency_code = rates.currency_code
            and entries.booked_date = rates.rate_date
    where entries.account_code like '70%' and not entries.is_opening_or_closing

)

select * from final
