{# Whether a row meets a rule (attribute, operator, value) of a business seed; `attributes` maps the names a rule may
   use to columns. Operators: equals, starts_with, contains; case is ignored, and every sign stands for itself. #}
{% macro matches_rule(rule, attributes) -%}
    (
        {%- for name, column in attributes.items() %}
        ({{ rule }}.attribute = '{{ name }}' and (
            ({{ rule }}.operator = 'equals' and lower({{ column }}) = lower({{ rule }}.value))
            or ({{ rule }}.operator = 'starts_with' and starts_with(lower({{ column }}), lower({{ rule }}.value)))
            or ({{ rule }}.operator = 'contains' and contains(lower({{ column }}), lower({{ rule }}.value)))
        )){{ ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
