{# The values of a window in its order as a JSON list of numbers, null where there is none. #}
{% macro json_series(value, window) -%}
    {{ return(adapter.dispatch('json_series')(value, window)) }}
{%- endmacro %}

{% macro duckdb__json_series(value, window) -%}
    '[' || string_agg(coalesce(cast({{ value }} as varchar), 'null'), ', ') over ({{ window }}) || ']'
{%- endmacro %}

{% macro spark__json_series(value, window) -%}
    '[' || array_join(collect_list(coalesce(cast({{ value }} as varchar), 'null')) over ({{ window }}), ', ') || ']'
{%- endmacro %}
