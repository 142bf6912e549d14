with

journal_entries as (

    {{ current_rows('quickbooks', 'journal_entries') }}

),

bills as (

    {{ current_rows('quickbooks', 'bills') }}

),

purchases as (

    {{ current_rows('quickbooks', 'purchases') }}

),

vendor_credits as (

    {{ current_rows('quickbooks', 'vendor_credits') }}

),

-- the tables are alike but for the supplier and the sign
unioned as (

    select
        'journal_entry' as document_type,
        id,
        _source_instance,
        transaction_date,
        created_at,
        doc_number,
        cast(null as varchar) as vendor_id,
        'false' as credit,
        currency_id,
        exchange_rate,
        is_deleted,
        _is_gone,
        _date_order,
        _decimal_mark,
        _time_zone

    from journal_entries

    union all

    select
        'bill' as document_type,
        id,
        _source_instance,
        transaction_date,
        created_at,
        doc_number,
        vendor_id as vendor_id,
        'false' as credit,
        currency_id,
        exchange_rate,
        is_deleted,
        _is_gone,
        _date_order,
        _decimal_mark,
        _time_zone

    from bills

    union all

    select
        'purchase' as document_type,
        id,
        _source_instance,
        transaction_date,
        created_at,
        doc_number,
        vendor_id as vendor_id,
        credit as credit,
        currency_id,
        exchange_rate,
        is_deleted,
        _is_gone,
        _date_order,
        _decimal_mark,
        _time_zone

    from purchases

    union all

    select
        'vendor_credit' as document_type,
        id,
        _source_instance,
        transaction_date,
        created_at,
        doc_number,
        vendor_id as vendor_id,
        'true' as credit,
        currency_id,
        exchange_rate,
        is_deleted,
        _is_gone,
        _date_order,
        _decimal_mark,
        _time_zone

    from vendor_credits

),

final as (

    select
        'quickbooks' as source_system,
        _source_instance as source_instance,
        {{ source_id("document_type || ':' || id") }} as document_id,
        document_type,
        doc_number as document_number,
        -- a document that states no date is dated when it was recorded
        coalesce({{ as_date('transaction_date') }}, {{ local_date(as_timestamp('created_at')) }}) as document_date,
        {{ source_id('vendor_id') }} as vendor_id,
        coalesce({{ as_boolean('credit') }}, false) as is_credit,
        upper(currency_id) as currency_code,
        {{ as_number('exchange_rate', 'double') }} as exchange_rate,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from unioned

)

select * from final
