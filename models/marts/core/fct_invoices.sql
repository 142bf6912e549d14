with

invoices as (

    select * from {{ ref('int_invoices__unioned') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

final as (

    select
        invoices.invoice_id,
        invoices.source_system,
        invoices.source_instance,
        invoices.document_type,
        invoices.account_id,
        coalesce(accounts.root_account_id, invoices.account_id) as root_account_id,
        coalesce(accounts.segment, 'unknown') as segment,
        invoices.status,
        invoices.is_finalised,
        invoices.currency_code,
        invoices.amount_local,
        {{ in_reporting_currency('invoices.amount_local', 'invoices.currency_code', 'rates.rate') }} as invoice_amount,
        invoices.issued_date,
        invoices.paid_date,
        invoices.covered_months

    from invoices
    left join accounts on invoices.account_id = accounts.account_id
    left join rates
        on
            invoices.currency_code = rates.currency_code
            and invoices.issued_date = rates.rate_date

)

select * from final
