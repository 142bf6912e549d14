{# The sign of the reporting currency, or its code where it has no sign that everybody knows. #}
{% macro currency_text() -%}
    {%- set code = var('reporting_currency') -%}
    {{ {'EUR': '€', 'USD': '$', 'GBP': '£'}.get(code, code) }}
{%- endmacro %}
