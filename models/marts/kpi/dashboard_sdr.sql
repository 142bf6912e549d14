with

{{ wide_dashboard([
    'calls_made', 'emails_sent', 'leads_contacted', 'response_rate', 'meeting_booking_rate', 'call_to_qualified_meeting_rate',
    'qualified_meetings', 'lead_to_sql_rate', 'speed_to_lead_minutes', 'pipeline_sourced_amount'
]) }}

select * from final
