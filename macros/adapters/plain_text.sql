{# Text in lower case without accents, the form in which labels are compared. #}
{% macro plain_text(column) -%}
    {{ return(adapter.dispatch('plain_text')(column)) }}
{%- endmacro %}

{% macro duckdb__plain_text(column) -%}
    lower(strip_accents({{ column }}))
{%- endmacro %}
