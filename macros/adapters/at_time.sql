{# The moment of a day at a wall-clock time. #}
{% macro at_time(day, time) -%}
    {{ return(adapter.dispatch('at_time')(day, time)) }}
{%- endmacro %}

{% macro duckdb__at_time(day, time) -%}
    {{ day }} + {{ time }}
{%- endmacro %}

{# Parquet tables of Spark hold times of the day as texts. #}
{% macro spark__at_time(day, time) -%}
    cast(cast({{ day }} as varchar) || ' ' || {{ time }} as timestamp)
{%- endmacro %}
