{# What one unit of the scale on which `kpi_surprises` measures is worth around a value: of shares the slope of the squared
   sine, of anything else the value itself. #}
{% macro spread_of(value, interval_method) -%}
    case when {{ interval_method }} = 'wilson' then 2 * sqrt(greatest(0, {{ value }} * (1 - {{ value }}))) else {{ value }} end
{%- endmacro %}
