with

fec as (

    select * from {{ ref('stg_fec__entries') }}

),

custom_costs as (

    select * from {{ ref('stg_custom__costs') }}

),

quickbooks as (

    select * from {{ ref('int_quickbooks_costs__posted') }}

),

final as (

    select
        source_system,
        source_instance,
        cost_line_id,
        booked_date,
        account_code,
        account_name,
        journal_code,
        auxiliary_code as vendor,
        label,
        cast(null as varchar) as category,
        cast(debit_amount - credit_amount as decimal(18, 2)) as cost_amount,
        {{ is_pay_account('account_code') }} as is_pay,
        is_opening_or_closing

    from fec
    where account_code like '6%'

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
