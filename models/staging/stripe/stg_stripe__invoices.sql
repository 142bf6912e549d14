with

source as (

    {{ current_rows('stripe', 'invoices') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as invoice_id,
        {{ source_id('customer_id') }} as customer_source_id,
        {{ source_id('subscription_id') }} as subscription_id,
        lower(status) as status,
        upper(currency) as currency_code,
        {{ minor_units('coalesce(' ~ as_number('total_excluding_tax', 'bigint') ~ ', ' ~ as_number('total', 'bigint') ~ ' - coalesce(' ~ as_number('tax', 'bigint') ~ ', 0))', 'currency') }} as amount_local,
        {{ minor_units('coalesce(' ~ as_number('tax', 'bigint') ~ ', ' ~ as_number('total', 'bigint') ~ ' - ' ~ as_number('total_excluding_tax', 'bigint') ~ ')', 'currency') }} as tax_local,
        {{ minor_units(as_number('amount_paid', 'bigint'), 'currency') }} as paid_local,
        coalesce({{ as_timestamp('finalized_at') }}, {{ as_timestamp('created') }}, {{ as_timestamp('period_start') }}) as issued_at,
        {{ local_date('coalesce(' ~ as_timestamp('finalized_at') ~ ', ' ~ as_timestamp('created') ~ ', ' ~ as_timestamp('period_start') ~ ')') }} as issued_date,
        case when lower(status) = 'paid' then {{ local_date('coalesce(' ~ as_timestamp('paid_at') ~ ', ' ~ as_timestamp('finalized_at') ~ ', ' ~ as_timestamp('created') ~ ', ' ~ as_timestamp('period_start') ~ ')') }} end as paid_date,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from source

)

select * from final
