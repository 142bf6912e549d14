{# A number that is not negative as English text: rounded half up to some decimals, its thousands in groups. #}
{% macro grouped_number(value, decimals) -%}
    {{ return(adapter.dispatch('grouped_number')(value, decimals)) }}
{%- endmacro %}

{% macro duckdb__grouped_number(value, decimals) -%}
    format('{:,.{{ decimals }}f}', round(cast({{ value }} as double), {{ decimals }}))
{%- endmacro %}

{# `format_number` alone rounds half to even. #}
{% macro spark__grouped_number(value, decimals) -%}
    format_number(round(cast({{ value }} as double), {{ decimals }}), {{ decimals }})
{%- endmacro %}
