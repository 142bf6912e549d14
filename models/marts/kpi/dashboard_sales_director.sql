with

{{ wide_dashboard([
    'opportunities_created', 'win_rate', 'bookings_amount', 'quota_attainment_rate', 'forecast_bookings_amount',
    'pipeline_open_amount', 'pipeline_coverage_ratio', 'sales_cycle_days', 'pipeline_velocity'
]) }}

select * from final
