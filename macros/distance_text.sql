{# How far two values of a unit lie apart as text of a language: points between shares, a percentage of the second between
   others; null where there is no such percentage, and empty where none would be seen. #}
{% macro distance_text(value, reference, unit, language) -%}
    {%- set points = 'abs(' ~ value ~ ' - ' ~ reference ~ ') * 100' -%}
    {%- set share = 'abs(' ~ value ~ ' - ' ~ reference ~ ') / nullif(greatest(' ~ reference ~ ', 0), 0)' -%}
    case
        when {{ value }} = {{ reference }} then ''
        when {{ unit }} = 'rate' and round({{ points }}, 1) = 0 then ''
        when {{ unit }} = 'rate'
            then
                {{ short_number_text(points, language) }} || '{{ "\u202f" if language == "fr" else " " }}point'
                || case when round({{ points }}, 1) {{ '< 2' if language == 'fr' else '= 1' }} then '' else 's' end
        when {{ share }} < 0.00005 then ''
        else {{ share_text(share, language) }} || '{{ "\u202f" if language == "fr" else "" }}%'
    end
{%- endmacro %}
