{# An aggregate over the periods of the year before each period: 52 weeks, 12 months or 4 quarters of one KPI and scope. #}
{% macro in_the_year_before(aggregate) -%}
    {%- set frame = aggregate ~ " over (partition by kpi_code, period_grain, scope_type, scope_id order by period_number range between " -%}
    case period_grain
        when 'week' then {{ frame }}52 preceding and 1 preceding)
        when 'month' then {{ frame }}12 preceding and 1 preceding)
        else {{ frame }}4 preceding and 1 preceding)
    end
{%- endmacro %}
