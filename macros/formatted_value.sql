{# A value as people of a language write it, by its unit: €1,234 and 12.3% in English, 1 234 € and 12,3 % in French. #}
{% macro formatted_value(value, unit, language) -%}
    case {{ unit }}
        when 'rate' then {{ written_number("100 * (" ~ value ~ ")", 1, language) }} || '{{ "\u202f%" if language == "fr" else "%" }}'
        when 'EUR' then {{ written_amount(value, language) }}
        when 'EUR_per_day' then {{ written_amount(value, language) }} || '{{ "/jour" if language == "fr" else " a day" }}'
        when 'ratio' then {{ written_number(value, 2, language) }}
        when 'count' then {{ written_number(value, 0, language) }}
        else {{ written_number(value, 1, language) }}
    end
{%- endmacro %}
