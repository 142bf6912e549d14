with

final as (
    {{ union_by_name(
        ['stg_google_ads__campaign_stats', 'stg_linkedin_ads__campaign_stats', 'stg_custom__ad_spend'],
        [
            'source_system', 'source_instance', 'channel', 'campaign_id', 'campaign_name', 'spend_date', 'currency_code',
            'cost_local', 'impressions_count', 'clicks_count', 'conversions'
        ]
    ) }}

)

select * from final
