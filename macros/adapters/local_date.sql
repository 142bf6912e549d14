{# The day of a UTC timestamp in the reporting time zone. #}
{% macro local_date(column) -%}
    {{ return(adapter.dispatch('local_date')(column)) }}
{%- endmacro %}

{% macro duckdb__local_date(column) -%}
    cast(timezone('{{ var("reporting_time_zone") }}', timezone('UTC', {{ column }})) as date)
{%- endmacro %}

{% macro spark__local_date(column) -%}
    cast(convert_timezone('UTC', '{{ var("reporting_time_zone") }}', cast({{ column }} as timestamp)) as date)
{%- endmacro %}
