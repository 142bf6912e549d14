{# One grouping set per type of scope: the company, then each team, rep, segment, channel and product. #}
{% macro scope_grouping_sets(columns) -%}
    {%- set kept = columns | join(', ') -%}
    grouping sets (
        ({{ kept }}),
        ({{ kept }}, team_id),
        ({{ kept }}, rep_id),
        ({{ kept }}, segment),
        ({{ kept }}, channel),
        ({{ kept }}, product)
    )
{%- endmacro %}
