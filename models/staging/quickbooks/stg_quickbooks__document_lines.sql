with

journal_entry_lines as (

    {{ current_rows('quickbooks', 'journal_entry_lines') }}

),

bill_lines as (

    {{ current_rows('quickbooks', 'bill_lines') }}

),

purchase_lines as (

    {{ current_rows('quickbooks', 'purchase_lines') }}

),

vendor_credit_lines as (

    {{ current_rows('quickbooks', 'vendor_credit_lines') }}

),

unioned as (

    select
        'journal_entry:' || journal_entry_id as document_key,
        _source_instance,
        line_index,
        amount,
        description,
        posting_type as posting_type,
        account_id,
        cast(null as varchar) as item_id,
        vendor_id as vendor_id,
        _is_gone,
        _decimal_mark

    from journal_entry_lines

    union all

    select
        'bill:' || bill_id as document_key,
        _source_instance,
        line_index,
        amount,
        description,
        cast(null as varchar) as posting_type,
        account_id,
        item_id as item_id,
        cast(null as varchar) as vendor_id,
        _is_gone,
        _decimal_mark

    from bill_lines

    union all

    select
        'purchase:' || purchase_id as document_key,
        _source_instance,
        line_index,
        amount,
        description,
        cast(null as varchar) as posting_type,
        account_id,
        item_id as item_id,
        cast(null as varchar) as vendor_id,
        _is_gone,
        _decimal_mark

    from purchase_lines

    union all

    select
        'vendor_credit:' || vendor_credit_id as document_key,
        _source_instance,
        line_index,
        amount,
        description,
        cast(null as varchar) as posting_type,
        account_id,
        item_id as item_id,
        cast(null as varchar) as vendor_id,
        _is_gone,
        _decimal_mark

    from vendor_credit_lines

),

final as (

    select
        'quickbooks' as source_system,
        _source_instance as source_instance,
        {{ source_id("document_key || ':' || line_index") }} as cost_line_id,
        {{ source_id('document_key') }} as document_id,
        {{ source_id('account_id') }} as account_id,
        {{ source_id('item_id') }} as item_id,
        {{ source_id('vendor_id') }} as vendor_id,
        description as label,
        case
            when {{ plain_text('posting_type') }} in ('credit', 'c') then true
            when {{ plain_text('posting_type') }} in ('debit', 'd') then false
        end as is_credit_side,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        _is_gone as is_deleted

    from unioned

)

select * from final
