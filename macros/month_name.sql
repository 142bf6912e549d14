{# The month of a date in words of a language. #}
{% macro month_name(date, language) -%}
    {%- set months = {
        'en': ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
        'fr': ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre']
    }[language] -%}
    case extract(month from {{ date }})
        {%- for month in months %}
        when {{ loop.index }} then '{{ month }}'
        {%- endfor %}
    end
{%- endmacro %}
