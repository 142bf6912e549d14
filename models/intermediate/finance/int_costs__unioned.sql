with

fec as (

    select * from {{ ref('stg_fec__entries') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

custom_costs as (

    select * from {{ ref('stg_custom__costs') }}

),

quickbooks as (

    select * from {{ ref('int_quickbooks_costs__posted') }}

),

final as (

    select
        fec.source_system,
        fec.source_instance,
        fec.cost_line_id,
        fec.booked_date,
        fec.account_code,
        fec.account_name,
        fec.journal_code,
        fec.auxiliary_code as vendor,
        fec.label,
        cast(null as varchar) as category,
        {{ in_reporting_currency('(fec.debit_amount - fec.credit_amount)', 'fec.currency_code', 'rates.rate') }} as cost_amount,
        {{ is_pay_account('fec.account_code') }} as is_pay,
        fec.is_opening_or_closing

    from fec
    left join rates
        on
            fec.currency_code = rates.currency_code
            and fec.booked_date = rates.rate_date
    where fec.account_code like '6%'

    union all

    select
        source_system,
        source_instance,
        cost_line_id,
        booked_date,
        account_code,
        cast(null as varchar) as account_name,
        journal_code,
        vendor,
        label,
        category,
        cost_amount,
        coalesce({{ is_pay_account('account_code') }}, false) or coalesce(category in ('salaries', 'commissions'), false) as is_pay,
        false as is_opening_or_closing

    from custom_costs
    where not is_deleted

    union all

    select
        source_system,
        source_instance,
        cost_line_id,
        booked_date,
        account_code,
        account_name,
        journal_code,
        vendor,
        label,
        cast(null as varchar) as category,
        cost_amount,
        is_pay,
        false as is_opening_or_closing

    from quickbooks

)

select * from final
