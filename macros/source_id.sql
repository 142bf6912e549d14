{# Id of a record that no other instance has: the instance and the record's own id. #}
{% macro source_id(column) -%}
    _source_instance || ':' || {{ column }}
{%- endmacro %}
