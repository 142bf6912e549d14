-- Costs from QuickBooks are the lines of its standing documents on cost accounts, debit less credit, to the cent and
-- document by document: no join loses a line or counts it twice, and no allocation does.
with

lines as (

    select
        lines.document_id,
        sum(
            cast(
                case
                    when documents.document_type = 'journal_entry' and lines.is_credit_side then -1
                    when documents.document_type = 'journal_entry' and not lines.is_credit_side then 1
                    when documents.document_type = 'vendor_credit' or documents.is_credit then -1
                    when documents.document_type in ('bill', 'purchase') then 1
                end * lines.amount_local * valued.reporting_rate as decimal(18, 2)
            )
        ) as expense_amount

    from {{ ref('stg_quickbooks__document_lines') }} as lines
    inner join {{ ref('stg_quickbooks__documents') }} as documents on lines.document_id = documents.document_id
    inner join {{ ref('int_quickbooks_documents__valued') }} as valued on documents.document_id = valued.document_id
    left join {{ ref('stg_quickbooks__items') }} as items on lines.item_id = items.item_id
    inner join {{ ref('stg_quickbooks__accounts') }} as accounts
        on coalesce(lines.account_id, items.account_id) = accounts.account_id
    where not lines.is_deleted and not documents.is_deleted and accounts.is_cost
    group by lines.document_id

),

costs as (

    select
        -- the id of a line is that of its document and its place in it; pay that is split has its function behind
        regexp_extract(cost_line_id, '^[^:]+:[^:]+:[^:]+') as document_id,
        sum(cost_amount) as cost_amount

    from {{ ref('fct_costs') }}
    where source_system = 'quickbooks' and account_code <> 'unknown'
    group by regexp_extract(cost_line_id, '^[^:]+:[^:]+:[^:]+')

),

final as (

    select
        coalesce(lines.document_id, costs.document_id) as document_id,
        lines.expense_amount,
        costs.cost_amount

    from lines
    full outer join costs on lines.document_id = costs.document_id
    where coalesce(lines.expense_amount, 0) <> coalesce(costs.cost_amount, 0)

)

select * from final
