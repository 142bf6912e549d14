with

source as (

    {{ current_rows('stripe', 'credit_notes') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as credit_note_id,
        {{ source_id('invoice_id') }} as invoice_id,
        lower(coalesce(status, 'issued')) as status,
        upper(currency) as currency_code,
        {{ minor_units('coalesce(' ~ as_number('total_excluding_tax', 'bigint') ~ ', ' ~ as_number('total', 'bigint') ~ ' - coalesce(' ~ as_number('tax', 'bigint') ~ ', ' ~ as_number('total', 'bigint') ~ ' - ' ~ as_number('subtotal', 'bigint') ~ ', 0))', 'currency') }} as amount_local,
        {{ as_timestamp('created') }} as issued_at,
        {{ local_date(as_timestamp('created')) }} as issued_date,
        _is_gone as is_deleted

    from source

)

select * from final
