{# A period in words of a language: in October 2026, in the week of 5 October 2026, so far in November 2026. #}
{% macro period_label(period_grain, period_start_date, is_running, language) -%}
    {%- set words = {
        'en': {'month': 'in ', 'week': 'in the week of ', 'quarter': 'in the quarter starting ', 'year': 'in the year starting ', 'running': 'so far '},
        'fr': {'month': 'en ', 'week': 'la semaine du ', 'quarter': 'sur le trimestre ouvert le ', 'year': "sur l''exercice ouvert le ", 'running': 'à ce jour '}
    }[language] -%}
    case when {{ is_running }} then '{{ words.running }}' else '' end
        || case {{ period_grain }}
            {%- for grain in ['month', 'week', 'quarter', 'year'] %}
            when '{{ grain }}' then '{{ words[grain] }}'
            {%- endfor %}
        end
        || case
            when {{ period_grain }} = 'month' then ''
            {%- if language == 'fr' %}
            when extract(day from {{ period_start_date }}) = 1 then '1er '
            {%- endif %}
            else cast(extract(day from {{ period_start_date }}) as varchar) || ' '
        end
        || {{ month_name(period_start_date, language) }}
        || ' ' || cast(extract(year from {{ period_start_date }}) as varchar)
{%- endmacro %}
