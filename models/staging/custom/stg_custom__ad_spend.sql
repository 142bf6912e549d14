with

source as (

    {{ current_rows('custom', 'ad_spend') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        coalesce(channel, 'unknown') as channel,
        {{ source_id('campaign') }} as campaign_id,
        campaign as campaign_name,
        {{ as_date('day') }} as spend_date,
        upper(coalesce(currency, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('cost', 'decimal(18,6)', rounded=true) }} as cost_local,
        {{ as_number('impressions', 'bigint') }} as impressions_count,
        {{ as_number('clicks', 'bigint') }} as clicks_count,
        cast(null as double) as conversions

    from source

)

select * from final
