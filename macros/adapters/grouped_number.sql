{# A number with so many decimals, commas between thousands and a point before the decimals. #}
{% macro grouped_number(number, decimals) -%}
    {{ return(adapter.dispatch('grouped_number')(number, decimals)) }}
{%- endmacro %}

{% macro duckdb__grouped_number(number, decimals) -%}
    format('{:,.{{ decimals }}f}', cast({{ number }} as double))
{%- endmacro %}
