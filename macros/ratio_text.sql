{# A ratio that is not negative as text of a language: 3.2, but 2.96 and not 3.0, which would be another band. #}
{% macro ratio_text(value, language) -%}
    case
        when round({{ value }}, 1) = round({{ value }}, 2) then {{ number_text(value, 1, language) }}
        else {{ number_text(value, 2, language) }}
    end
{%- endmacro %}
