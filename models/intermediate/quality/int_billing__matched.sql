with

customers as (

    select * from {{ ref('int_customers__matched') }}

),

invoices as (

    select * from {{ ref('int_invoices__unioned') }}

),

accounts as (

    select * from {{ ref('int_accounts__conformed') }}

),

-- the reason of a customer that no CRM knows
unmatched as (

    select
        account_id,
        min(match_method) as match_method

    from customers
    where match_method not in ('metadata', 'domain')
    group by account_id

),

final as (

    select
        source_system as left_system,
        'crm' as right_system,
        'customer_account' as entity,
        customer_source_id as left_id,
        case when match_method not in ('metadata', 'domain') then match_method end as unmatched_reason

    from customers

    union all

    select
        invoices.source_system as left_system,
        'crm' as right_system,
        'invoice_account' as entity,
        invoices.invoice_id as left_id,
        case
            when accounts.account_id is null
                then
                    coalesce(
                        unmatched.match_method,
                        case when invoices.account_id = 'unknown' then 'no_customer' else 'unknown_account' end
                    )
        end as unmatched_reason

    from invoices
    left join accounts on invoices.account_id = accounts.account_id
    left join unmatched on invoices.account_id = unmatched.account_id

)

select * from final
