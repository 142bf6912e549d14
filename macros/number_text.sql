{# A number that is not negative as text of a language, with so many decimals: 1,234.5 in English, and in French with
   narrow no-break spaces and a comma. #}
{% macro number_text(value, decimals, language) -%}
    {%- if language == 'fr' -%}
    translate({{ grouped_number(value, decimals) }}, ',.', '{{ "\u202f" }},')
    {%- else -%}
    {{ grouped_number(value, decimals) }}
    {%- endif -%}
{%- endmacro %}
