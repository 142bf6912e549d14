{# A number with so many decimals as people of a language write it: in French with a narrow no-break space between
   thousands and a decimal comma. #}
{% macro written_number(value, decimals, language) -%}
    {%- if language == 'fr' -%}
    replace(replace({{ grouped_number(value, decimals) }}, ',', '{{ "\u202f" }}'), '.', ',')
    {%- else -%}
    {{ grouped_number(value, decimals) }}
    {%- endif -%}
{%- endmacro %}
