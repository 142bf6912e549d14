{# Whether a text is one of a list separated by bars, as the registry writes them. #}
{% macro is_listed(column, list) -%}
    '|' || {{ list }} || '|' like '%|' || {{ column }} || '|%'
{%- endmacro %}
