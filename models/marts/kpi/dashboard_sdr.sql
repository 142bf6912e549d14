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
            'calls_made',
            'emails_sent',
            'leads_contacted',
            'response_rate',
            'meeting_booking_rate',
            'call_to_qualified_meeting_rate',
            'qualified_meetings',
            'lead_to_sql_rate',
            'speed_to_lead_minutes',
            'pipeline_sourced_amount'
        ]) }},
        scope_name_en,
        scope_name_fr,
        is_partial_period

    from monthly
    group by period_start_date, scope_type, scope_id, scope_name_en, scope_name_fr, is_partial_period

)

select * from final
