{# The first of a list as `plain_list` reads it; null where the list is empty. #}
{% macro first_listed(column) -%}
    nullif(trim(split_part({{ plain_list(column) }}, ';', 1)), '')
{%- endmacro %}
