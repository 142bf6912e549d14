{# A list as exports write it, parted by semicolons: `1;2`, `1, 2`, or `["1", "2"]` of a table that a connector replicates. #}
{% macro plain_list(column) -%}
    translate({{ column }}, ',[]"', ';')
{%- endmacro %}
