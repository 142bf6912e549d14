{# Whether what is said of a day goes into the table that keeps it: not of days before its last one, of which a run that looks
   back knows more than was known. #}
{% macro is_kept_day(day, relation) -%}
    {{ return(adapter.dispatch('is_kept_day')(day, relation)) }}
{%- endmacro %}

{% macro duckdb__is_kept_day(day, relation) -%}
    {{ day }} >= (select coalesce(max({{ day }}), cast('1900-01-01' as date)) from {{ relation }})
{%- endmacro %}

{% macro spark__is_kept_day(day, relation) -%}
    {{ day }} > (select coalesce(max({{ day }}), cast('1900-01-01' as date)) from {{ relation }})
{%- endmacro %}
