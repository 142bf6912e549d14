with

{{ wide_dashboard([
    'bookings_amount', 'win_rate', 'revenue_net_amount', 'new_customers', 'cac_amount', 'ltv_amount', 'ltv_cac_ratio',
    'cac_payback_months', 'customer_retention_rate', 'nrr_rate'
]) }}

select * from final
