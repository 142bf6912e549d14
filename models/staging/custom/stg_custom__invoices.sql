with

source as (

    {{ current_rows('custom', 'invoices') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('invoice_id') }} as invoice_id,
        {{ source_id('account_id') }} as account_source_id,
        lower(coalesce(status, case when paid_on is not null then 'paid' else 'open' end)) as status,
        upper(coalesce(currency, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_number('tax', 'decimal(18,2)') }} as tax_local,
        {{ as_date('issued_on') }} as issued_date,
        {{ as_date('paid_on') }} as paid_date,
        _is_gone as is_deleted

    from source

)

select * from final
