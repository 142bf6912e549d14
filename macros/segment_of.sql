{# The segment of a number of employees: the one with the highest threshold below it. #}
{% macro segment_of(column, segments) -%}
    (select max_by({{ segments }}.segment, {{ segments }}.min_employees) from {{ segments }} where {{ segments }}.min_employees <= {{ column }})
{%- endmacro %}
