with

source as (

    {{ current_rows('google_ads', 'campaign_stats') }}

),

final as (

    select
        'google_ads' as source_system,
        _source_instance as source_instance,
        'paid_search' as channel,
        coalesce({{ source_id('campaign_id') }}, {{ source_id('campaign') }}) as campaign_id,
        coalesce(campaign, campaign_id) as campaign_name,
        {{ as_date('day') }} as spend_date,
        upper(coalesce(currency_code, '{{ var("reporting_currency") }}')) as currency_code,
        coalesce(
            {{ as_number('cost', 'decimal(18,6)', rounded=true) }},
            cast({{ as_number('cost_micros', 'bigint') }} as decimal(18,0)) * cast(0.000001 as decimal(7,6))
        ) as cost_local,
        {{ as_number('impressions', 'bigint') }} as impressions_count,
        {{ as_number('clicks', 'bigint') }} as clicks_count,
        {{ as_number('conversions', 'double') }} as conversions

    from source
    -- a connector that mirrors the platform marks what is gone there; a restated day is replaced whole
    where not _is_gone

)

select * from final
