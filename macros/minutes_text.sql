{# Minutes that are not negative as text of a language, hours as such: 45 min, 2 h 05 min, 130 h. #}
{% macro minutes_text(value, language) -%}
    {%- set space = '\u202f' if language == 'fr' else ' ' -%}
    {%- set whole = 'round(' ~ value ~ ', 0)' -%}
    case
        when round({{ value }}, 1) < 10 then {{ short_number_text(value, language) }} || '{{ space }}min'
        when {{ whole }} < 60 then {{ number_text(value, 0, language) }} || '{{ space }}min'
        when {{ whole }} >= 6000 then {{ number_text(value ~ ' / 60', 0, language) }} || '{{ space }}h'
        else
            {{ number_text('floor(' ~ whole ~ ' / 60)', 0, language) }} || '{{ space }}h{{ space }}'
            || lpad({{ number_text(whole ~ ' - 60 * floor(' ~ whole ~ ' / 60)', 0, language) }}, 2, '0') || '{{ space }}min'
    end
{%- endmacro %}
