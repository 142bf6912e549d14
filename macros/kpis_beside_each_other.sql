{# One column per KPI, named by its code, of rows grouped by period and scope. #}
{% macro kpis_beside_each_other(codes) -%}
    {%- for code in codes -%}
    max(case when kpi_code = '{{ code }}' then value end) as {{ code }}{{ ',\n        ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
