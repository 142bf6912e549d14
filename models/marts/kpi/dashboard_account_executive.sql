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
            'meetings_held',
            'opportunity_to_demo_rate',
            'demo_to_proposal_rate',
            'win_rate',
            'bookings_amount',
            'average_deal_size',
            'expansion_amount',
            'pipeline_open_amount',
            'sales_cycle_days',
            'quota_attainment_rate'
        ]) }},
        scope_name_en,
        scope_name_fr,
        is_partial_period

    from monthly
    group by period_start_date, scope_type, scope_id, scope_name_en, scope_name_fr, is_partial_period

)

select * from final
