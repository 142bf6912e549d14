with

source as (

    {{ current_rows('custom', 'subscriptions') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('subscription_id') }} as subscription_id,
        {{ source_id('account_id') }} as account_source_id,
        upper(coalesce(currency, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('mrr_amount', 'decimal(18,2)') }} as mrr_local,
        {{ as_date('started_on') }} as started_date,
        {{ as_date('ended_on') }} as ended_date,
        plan as plan_name,
        _is_gone as is_deleted

    from source

)

select * from final
