{# One row per day from a date to another, both included. #}
{% macro date_series(first, last) -%}
    {{ return(adapter.dispatch('date_series')(first, last)) }}
{%- endmacro %}

{% macro duckdb__date_series(first, last) %}
    select cast(day as date) as date_day
    from generate_series({{ first }}, {{ last }}, interval 1 day) as series (day)
{%- endmacro %}

{% macro spark__date_series(first, last) %}
    select explode(sequence(first_day, last_day, interval 1 day)) as date_day
    from (select cast({{ first }} as date) as first_day, cast({{ last }} as date) as last_day) as span
    where first_day <= last_day
{%- endmacro %}
