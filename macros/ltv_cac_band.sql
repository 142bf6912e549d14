{# What a ratio of LTV to CAC says, on its value rounded to two decimals. #}
{% macro ltv_cac_band(column) -%}
    case
        when {{ column }} is null then null
        when round({{ column }}, 2) < 1 then 'destroys_value'
        when round({{ column }}, 2) = 1 then 'break_even'
        when round({{ column }}, 2) < 3 then 'watch'
        when round({{ column }}, 2) <= {{ var('underinvest_threshold') }} then 'healthy'
        else 'underinvesting'
    end
{%- endmacro %}
