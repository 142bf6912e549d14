with

lines as (

    select * from {{ ref('stg_quickbooks__document_lines') }}

),

documents as (

    select * from {{ ref('stg_quickbooks__documents') }}

),

accounts as (

    select * from {{ ref('stg_quickbooks__accounts') }}

),

items as (

    select * from {{ ref('stg_quickbooks__items') }}

),

final as (

    select
        lines.source_system,
        lines.source_instance,
        lines.cost_line_id,
        lines.document_id,
        coalesce(accounts.account_code, 'unknown') as account_code,
        lines.amount_local

    from lines
    -- a deleted document was exported, and its lines are rightly no costs
    left join documents on lines.document_id = documents.document_id
    left join items on lines.item_id = items.item_id
    left join accounts on coalesce(lines.account_id, items.account_id) = accounts.account_id
    where
        documents.document_id is null
        and not lines.is_deleted
        and lines.amount_local <> 0
        -- what is booked on no cost account would cost nothing with its document either
        and coalesce(accounts.is_cost, coalesce(lines.account_id, lines.item_id) is not null)

)

select * from final
