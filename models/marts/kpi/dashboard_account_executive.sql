with

{{ wide_dashboard([
    'meetings_held', 'opportunity_to_demo_rate', 'demo_to_proposal_rate', 'win_rate', 'bookings_amount', 'average_deal_size',
    'expansion_amount', 'pipeline_open_amount', 'sales_cycle_days', 'quota_attainment_rate'
]) }}

select * from final
