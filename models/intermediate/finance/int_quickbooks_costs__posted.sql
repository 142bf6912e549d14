with

lines as (

    select * from {{ ref('stg_quickbooks__document_lines') }}

),

documents as (

    select * from {{ ref('int_quickbooks_documents__valued') }}

),

accounts as (

    select * from {{ ref('stg_quickbooks__accounts') }}

),

items as (

    select * from {{ ref('stg_quickbooks__items') }}

),

vendors as (

    select * from {{ ref('stg_quickbooks__vendors') }}

),

posted as (

    select
        lines.cost_line_id,
        lines.source_system,
        lines.source_instance,
        documents.document_date,
        documents.document_type,
        coalesce(accounts.account_code, 'unknown') as account_code,
        accounts.account_name,
        vendors.vendor,
        lines.label,
        -- the label of a line of pay may name who is paid
        {{ regexp_text(plain_text("concat_ws(' ', accounts.account_sub_type, accounts.account_name)"), '(^|[^a-z])paie([^a-z]|$)|payroll|salai?r|wage|remuneration') }} is not null as is_pay,
        case
            when case when documents.document_type = 'journal_entry' then lines.is_credit_side else documents.is_credit end
                then -lines.amount_local
            when documents.document_type <> 'journal_entry' or lines.is_credit_side is not null
                then lines.amount_local
        end * documents.reporting_rate as cost_amount

    from lines
    inner join documents on lines.document_id = documents.document_id
    left join items on lines.item_id = items.item_id
    left join accounts on coalesce(lines.account_id, items.account_id) = accounts.account_id
    left join vendors on coalesce(lines.vendor_id, documents.vendor_id) = vendors.vendor_id
    where
        not lines.is_deleted
        and (
            accounts.is_cost
            -- money spent on what no export explains is shown, not dropped; a journal has its other side
            or (
                accounts.account_id is null
                and documents.document_type <> 'journal_entry'
                and coalesce(lines.account_id, lines.item_id) is not null
            )
        )

),

final as (

    select
        source_system,
        source_instance,
        cost_line_id,
        document_date as booked_date,
        account_code,
        account_name,
        document_type as journal_code,
        vendor,
        case when not is_pay then label end as label,
        cast(cost_amount as decimal(18, 2)) as cost_amount,
        is_pay

    from posted

)

select * from final
