{%- set codes = [
    'meetings_held', 'opportunity_to_demo_rate', 'demo_to_proposal_rate', 'win_rate', 'bookings_amount', 'average_deal_size',
    'expansion_amount', 'pipeline_open_amount', 'sales_cycle_days', 'quota_attainment_rate'
] -%}
{%- set counted = ['meetings_held', 'bookings_amount', 'expansion_amount', 'pipeline_open_amount'] -%}
with

monthly as (

    select * from {{ ref('kpi_values') }}
    where period_grain = 'month'

),

wide as (

    select
        period_start_date as month_date,
        scope_type,
        scope_id,
        {{ kpis_beside_each_other(codes) }},
        scope_name_en,
        scope_name_fr,
        is_partial_period,
        {{ kpis_where(codes, 'not is_mature') }} as immature_kpis,
        {{ kpis_where(codes, "trust_status = 'not_trusted'") }} as not_trusted_kpis

    from monthly
    group by period_start_date, scope_type, scope_id, scope_name_en, scope_name_fr, is_partial_period

),

final as (

    select
        month_date,
        scope_type,
        scope_id,
        {{ kpi_columns(codes, counted) }},
        scope_name_en,
        scope_name_fr,
        is_partial_period,
        immature_kpis,
        not_trusted_kpis

    from wide
    window
        so_far as (partition by scope_type, scope_id order by month_date),
        of_all as (partition by month_date)

)

select * from final
