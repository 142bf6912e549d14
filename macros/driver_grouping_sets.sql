{# One grouping set per type of scope and finer type of driver: the reps, segments, channels and products of a team, the
   segments, channels and products of a rep. #}
{% macro driver_grouping_sets(columns) -%}
    {%- set kept = columns | join(', ') -%}
    grouping sets (
        ({{ kept }}, team_id, rep_id),
        ({{ kept }}, team_id, segment),
        ({{ kept }}, team_id, channel),
        ({{ kept }}, team_id, product),
        ({{ kept }}, rep_id, segment),
        ({{ kept }}, rep_id, channel),
        ({{ kept }}, rep_id, product)
    )
{%- endmacro %}
