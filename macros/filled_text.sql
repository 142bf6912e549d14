{# A sentence with its words in braces replaced by columns: `{value} so far` becomes `12 so far`; null columns are left out. #}
{% macro filled_text(sentence, words) -%}
    {%- set filled = namespace(text=sentence) -%}
    {%- for word, column in words.items() -%}
        {%- set filled.text = 'replace(' ~ filled.text ~ ", '{" ~ word ~ "}', coalesce(" ~ column ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.text }}
{%- endmacro %}
