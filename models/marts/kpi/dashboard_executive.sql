with

monthly as (

    select * from {{ ref('kpi_values') }}
    where period_grain = 'month'

),

final as (

    select
        period_start_date as month_date,
        scope_type,
        scope_id,
        {{ kpi_columns([
            'bookings_amount',
            'win_rate',
            'revenue_net_amount',
            'new_customers',
            'cac_amount',
            'ltv_amount',
            'ltv_cac_ratio',
            'cac_payback_months',
            'customer_retention_rate',
            'nrr_rate'
        ]) }},
        scope_name_en,
        scope_name_fr,
        is_partial_period

    from monthly
    group by period_start_date, scope_type, scope_id, scope_name_en, scope_name_fr, is_partial_period

)

select * from final
