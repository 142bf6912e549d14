{# The UTC timestamp of a wall-clock time in the reporting time zone. #}
{% macro local_moment(column) -%}
    {{ return(adapter.dispatch('local_moment')(column)) }}
{%- endmacro %}

{% macro duckdb__local_moment(column) -%}
    timezone('UTC', timezone('{{ var("reporting_time_zone") }}', {{ column }}))
{%- endmacro %}

{% macro spark__local_moment(column) -%}
    convert_timezone('{{ var("reporting_time_zone") }}', 'UTC', cast({{ column }} as timestamp))
{%- endmacro %}
