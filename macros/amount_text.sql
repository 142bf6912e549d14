{# An amount of money that is not negative as text of a language, without its currency: cents where it is small. #}
{% macro amount_text(value, language) -%}
    case
        when {{ value }} >= 0.005 and round({{ value }}, 2) < 100 then {{ number_text(value, 2, language) }}
        else {{ short_number_text('round(' ~ value ~ ', 0)', language) }}
    end
{%- endmacro %}
