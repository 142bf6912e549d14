{# Sum of fractions, the same in whatever order they are added up: to twelve decimals, as decimals add without an error.
   Over a window where one is named. #}
{% macro exact_sum(value, window=none) -%}
    cast(sum(cast({{ value }} as decimal(38, 12))){{ ' over ' ~ window if window }} as double)
{%- endmacro %}
