{# One row per day from a date to another, both included. #}
{% macro date_series(first, last) -%}
    {{ return(adapter.dispatch('date_series')(first, last)) }}
{%- endmacro %}

{% macro duckdb__date_series(first, last) %}
    select cast(day as date) as date_day
    from generate_series({{ first }}, {{ last }}, interval 1 day) as series (day)
{%- endmacro %}
