with

stripe as (

    select * from {{ ref('stg_stripe__invoices') }}

),

covered as (

    select * from {{ ref('int_invoices__covered') }}

),

credit_notes as (

    select * from {{ ref('stg_stripe__credit_notes') }}

),

customers as (

    select * from {{ ref('int_customers__matched') }}

),

custom_invoices as (

    select * from {{ ref('stg_custom__invoices') }}

),

accounts as (

    select * from {{ ref('int_accounts__identified') }}

),

unioned as (

    select
        stripe.source_system,
        stripe.source_instance,
        stripe.invoice_id,
        'invoice' as document_type,
        stripe.customer_source_id,
        customers.account_id,
        stripe.status,
        stripe.currency_code,
        stripe.amount_local,
        stripe.issued_date,
        stripe.paid_date,
        coalesce(covered.covered_months, 1) as covered_months

    from stripe
    left join customers on stripe.customer_source_id = customers.customer_source_id
    left join covered on stripe.invoice_id = covered.invoice_id
    where not stripe.is_deleted

    union all

    select
        credit_notes.source_system,
        credit_notes.source_instance,
        credit_notes.credit_note_id as invoice_id,
        'credit_note' as document_type,
        stripe.customer_source_id,
        customers.account_id,
        credit_notes.status,
        credit_notes.currency_code,
        -credit_notes.amount_local as amount_local,
        credit_notes.issued_date,
        cast(null as date) as paid_date,
        0 as covered_months

    from credit_notes
    left join stripe on credit_notes.invoice_id = stripe.invoice_id
    left join customers on stripe.customer_source_id = customers.customer_source_id
    where not credit_notes.is_deleted

    union all

    select
        custom_invoices.source_system,
        custom_invoices.source_instance,
        custom_invoices.invoice_id,
        case when custom_invoices.amount_local < 0 then 'credit_note' else 'invoice' end as document_type,
        custom_invoices.account_source_id as customer_source_id,
        coalesce(accounts.account_id, custom_invoices.account_source_id) as account_id,
        custom_invoices.status,
        custom_invoices.currency_code,
        custom_invoices.amount_local,
        custom_invoices.issued_date,
        custom_invoices.paid_date,
        1 as covered_months

    from custom_invoices
    left join accounts on custom_invoices.account_source_id = accounts.account_source_id
    where not custom_invoices.is_deleted

),

final as (

    select
        source_system,
        source_instance,
        invoice_id,
        document_type,
        coalesce(account_id, customer_source_id, 'unknown') as account_id,
        status,
        -- of another word nobody can say whether it is revenue: quality_checks names it
        case
            when status in ('open', 'paid', 'uncollectible', 'issued') then true
            when status in ('draft', 'void', 'deleted') then false
        end as is_finalised,
        currency_code,
        amount_local,
        issued_date,
        paid_date,
        cast(covered_months as bigint) as covered_months

    from unioned

)

select * from final
