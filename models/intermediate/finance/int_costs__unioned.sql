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

-- in a ledger the supplier is on its own line of the entry, not on those of the costs; of several nobody can tell whose a cost is
fec_suppliers as (

    select
        source_instance,
        company_code,
        entry_id,
        max(coalesce(auxiliary_code, account_code)) as vendor_code,
        max(case when auxiliary_code is null then account_name else auxiliary_name end) as vendor

    from fec
    where account_code like '40%'
    group by source_instance, company_code, entry_id
    having count(distinct coalesce(auxiliary_code, account_code)) = 1

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
        coalesce(fec.auxiliary_code, suppliers.vendor_code) as vendor_code,
        case when fec.auxiliary_code is null then suppliers.vendor else fec.auxiliary_name end as vendor,
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
    left join fec_suppliers as suppliers
        on
            fec.source_instance = suppliers.source_instance
            and fec.company_code is not distinct from suppliers.company_code
            and fec.entry_id = suppliers.entry_id
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
        cast(null as varchar) as vendor_code,
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
        cast(null as varchar) as vendor_code,
        vendor,
        label,
        cast(null as varchar) as category,
        cost_amount,
        is_pay,
        false as is_opening_or_closing

    from quickbooks

)

select * from final
