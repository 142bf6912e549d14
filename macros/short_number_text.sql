{# A number that is not negative as text of a language: one decimal where it has one, and millions as such. #}
{% macro short_number_text(value, language) -%}
    {%- set space, billions = ('\u202f', 'Md') if language == 'fr' else ('', 'B') -%}
    case
        when round({{ value }} / 1e6, 2) >= 1000 then {{ number_text(value ~ ' / 1e9', 2, language) }} || '{{ space ~ billions }}'
        when round({{ value }}, 0) >= 1e6 then {{ number_text(value ~ ' / 1e6', 2, language) }} || '{{ space }}M'
        when round({{ value }}, 1) = round({{ value }}, 0) then {{ number_text(value, 0, language) }}
        else {{ number_text(value, 1, language) }}
    end
{%- endmacro %}
