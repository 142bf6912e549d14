{# Whether the pipeline of a day is one that forecasts learn from: every sixth, so that each weekday has its turn. #}
{% macro is_learnt_from(day) -%}
    mod(date_diff('day', cast('2001-01-02' as date), {{ day }}), 6) = 0
{%- endmacro %}
