{# A number of days as the beginning of its band; each band is about twice as long as the one before. #}
{% macro age_band(days) -%}
    cast(case
        when {{ days }} < 7 then 0
        when {{ days }} < 14 then 7
        when {{ days }} < 28 then 14
        when {{ days }} < 56 then 28
        when {{ days }} < 112 then 56
        else 112
    end as bigint)
{%- endmacro %}
