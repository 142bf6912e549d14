{# Sum of fractions in one order, so that it is the same to the last digit in every build. #}
{% macro ordered_sum(value, by) -%}
    {{ return(adapter.dispatch('ordered_sum')(value, by)) }}
{%- endmacro %}

{% macro duckdb__ordered_sum(value, by) -%}
    sum({{ value }} order by {{ by }})
{%- endmacro %}

{# Spark adds up in no order that can be asked for. #}
{% macro spark__ordered_sum(value, by) -%}
    sum({{ value }})
{%- endmacro %}
