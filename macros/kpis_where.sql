{# Which KPIs of a period and scope something is true of, by code: `win_rate, bookings_amount`; null where of none. #}
{% macro kpis_where(codes, condition) -%}
    nullif(concat_ws(', ',
        {%- for code in codes %}
        max(case when kpi_code = '{{ code }}' and {{ condition }} then '{{ code }}' end){{ ',' if not loop.last }}
        {%- endfor %}
    ), '')
{%- endmacro %}
