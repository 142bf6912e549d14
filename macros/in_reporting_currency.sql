{# An amount in the reporting currency: at a rate of its own currency, unknown where there is none. #}
{% macro in_reporting_currency(amount, currency, rate) -%}
    cast(case when {{ currency }} = '{{ var("reporting_currency") }}' then {{ amount }} else {{ amount }} * {{ rate }} end as decimal(18, 2))
{%- endmacro %}
