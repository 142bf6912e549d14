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
            'meetings_booked',
            'new_contacts',
            'lead_to_mql_rate',
            'lead_to_sql_rate',
            'speed_to_lead_minutes'
        ]) }}

    from monthly
    group by period_start_date, scope_type, scope_id

)

select * from final
