with

source as (

    {{ current_rows('linkedin_ads', 'campaign_stats') }}

),

final as (

    select
        'linkedin_ads' as source_system,
        _source_instance as source_instance,
        'paid_social' as channel,
        {{ source_id('campaign_id') }} as campaign_id,
        coalesce(campaign_name, campaign_id) as campaign_name,
        {{ as_date('day') }} as spend_date,
        upper(coalesce(currency, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('cost', 'decimal(18,6)', rounded=true) }} as cost_local,
        {{ as_number('impressions', 'bigint') }} as impressions_count,
        {{ as_number('clicks', 'bigint') }} as clicks_count,
        cast({{ as_number('leads', 'bigint') }} as double) as conversions

    from source
    -- a connector that mirrors the platform marks what is gone there; a restated day is replaced whole
    where not _is_gone

)

select * from final
