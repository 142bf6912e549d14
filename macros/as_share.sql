{# A share of one from exported text: 0.2, 20% and 20 are all 0.2, as a share is never more than 1. 1 without a sign is
   the whole. What is no share, below 0 or above 100 %, is null. #}
{% macro as_share(column) -%}
    {%- set number = as_number("replace(" ~ column ~ ", '%', '')", 'double') -%}
    case
        when {{ number }} not between 0 and 100 then null
        when {{ column }} <> replace({{ column }}, '%', '') or {{ number }} > 1 then {{ number }} / 100
        else {{ number }}
    end
{%- endmacro %}
