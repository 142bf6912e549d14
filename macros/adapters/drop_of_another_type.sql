{# A table cannot replace a view, nor a view a table: what was the other before makes room. #}
{% macro drop_of_another_type(relation) %}
    {%- set before = load_cached_relation(relation) -%}
    {%- if before is not none and before.type != relation.type -%}
        {%- do adapter.drop_relation(before) -%}
    {%- endif -%}
{% endmacro %}
