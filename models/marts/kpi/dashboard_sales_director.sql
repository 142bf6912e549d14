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
            'opportunities_created',
            'win_rate',
            'bookings_amount',
            'quota_attainment_rate',
            'forecast_bookings_amount',
            'pipeline_open_amount',
            'pipeline_coverage_ratio',
            'sales_cycle_days',
            'pipeline_velocity'
        ]) }},
        scope_name_en,
        scope_name_fr,
        is_partial_period

    from monthly
    group by period_start_date, scope_type, scope_id, scope_name_en, scope_name_fr, is_partial_period

)

select * from final
