with

source as (

    {{ current_rows('stripe', 'subscriptions') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as subscription_id,
        {{ source_id('customer_id') }} as customer_source_id,
        lower(status) as status,
        upper(currency) as currency_code,
        {{ local_date('coalesce(' ~ as_timestamp('start_date') ~ ', ' ~ as_timestamp('created') ~ ')') }} as started_date,
        {{ local_date(as_timestamp('ended_at')) }} as ended_date,
        _is_gone as is_deleted

    from source

)

select * from final
