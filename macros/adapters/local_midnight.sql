{# The UTC timestamp at which a day begins in the reporting time zone. #}
{% macro local_midnight(column) -%}
    {{ return(adapter.dispatch('local_midnight')(column)) }}
{%- endmacro %}

{% macro duckdb__local_midnight(column) -%}
    timezone('UTC', timezone('{{ var("reporting_time_zone") }}', cast({{ column }} as timestamp)))
{%- endmacro %}

{% macro spark__local_midnight(column) -%}
    convert_timezone('{{ var("reporting_time_zone") }}', 'UTC', cast({{ column }} as timestamp))
{%- endmacro %}
