{# A share that is not negative as a percentage in text of a language, without its sign: finer below one percent. #}
{% macro share_text(value, language) -%}
    case
        when {{ value }} >= 0.00005 and round({{ value }} * 100, 1) < 1 then {{ number_text(value ~ ' * 100', 2, language) }}
        else {{ number_text(value ~ ' * 100', 1, language) }}
    end
{%- endmacro %}
