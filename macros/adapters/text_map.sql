{# A map of texts to texts from the rows of a group, in which keys are unique. An aggregate. #}
{% macro text_map(key, value) -%}
    {{ return(adapter.dispatch('text_map')(key, value)) }}
{%- endmacro %}

{% macro duckdb__text_map(key, value) -%}
    map(list({{ key }}), list({{ value }}))
{%- endmacro %}

{% macro spark__text_map(key, value) -%}
    map_from_entries(collect_list(named_struct('key', {{ key }}, 'value', {{ value }})))
{%- endmacro %}
