{# The part of a text that matches a regular expression; null where nothing does. #}
{% macro regexp_text(column, pattern, group=0) -%}
    {{ return(adapter.dispatch('regexp_text')(column, pattern, group)) }}
{%- endmacro %}

{% macro default__regexp_text(column, pattern, group=0) -%}
    nullif(regexp_extract({{ column }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}
