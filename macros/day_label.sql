{# A day in words of a language: 1 October 2026, 1er octobre 2026. #}
{% macro day_label(date, language) -%}
    {%- if language == 'fr' -%}
    case when extract(day from {{ date }}) = 1 then '1er' else cast(extract(day from {{ date }}) as varchar) end
    {%- else -%}
    cast(extract(day from {{ date }}) as varchar)
    {%- endif %}
    || ' ' || {{ month_name(date, language) }} || ' ' || cast(extract(year from {{ date }}) as varchar)
{%- endmacro %}
