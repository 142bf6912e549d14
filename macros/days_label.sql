{# Days in words of a language: one, from one to another, or since one that has no last; null where there is no first. #}
{% macro days_label(first, last, language) -%}
    {%- set words = {'en': ['since ', '', ' to '], 'fr': ['depuis le ', 'du ', ' au ']}[language] -%}
    case
        when {{ first }} is null then null
        when {{ last }} is null then '{{ words[0] }}' || {{ day_label(first, language) }}
        when {{ last }} = {{ first }} then {{ day_label(first, language) }}
        else '{{ words[1] }}' || {{ day_label(first, language) }} || '{{ words[2] }}' || {{ day_label(last, language) }}
    end
{%- endmacro %}
