{# An amount in the reporting currency, without cents, as people of a language write it. #}
{% macro written_amount(value, language) -%}
    {%- set currency = {'EUR': '€'}.get(var('reporting_currency'), var('reporting_currency')) -%}
    {%- if language == 'fr' -%}
    {{ written_number(value, 0, language) }} || '{{ "\u202f" ~ currency }}'
    {%- else -%}
    '{{ currency ~ ("" if currency == "€" else " ") }}' || {{ written_number(value, 0, language) }}
    {%- endif -%}
{%- endmacro %}
