{# A value of a unit of the registry as English text: €1,234, 12.3%, 48.5 days, 3.2x; null where there is none. #}
{% macro format_value_en(value, unit) -%}
    {%- set size = 'abs(' ~ value ~ ')' -%}
    {%- set symbol = currency_text() -%}
    {%- set currency = symbol if symbol | length == 1 else symbol ~ ' ' -%}
    {{ minus_text(value, unit) }} || case {{ unit }}
        when 'EUR' then '{{ currency }}' || {{ amount_text(size, 'en') }}
        when 'EUR_per_day' then '{{ currency }}' || {{ amount_text(size, 'en') }} || ' per day'
        when 'rate' then {{ share_text(size, 'en') }} || '%'
        when 'ratio' then {{ ratio_text(size, 'en') }} || 'x'
        when 'minutes' then {{ minutes_text(size, 'en') }}
        when 'days' then {{ short_number_text(size, 'en') }} || case when round({{ size }}, 1) = 1 then ' day' else ' days' end
        when 'months' then {{ short_number_text(size, 'en') }} || case when round({{ size }}, 1) = 1 then ' month' else ' months' end
        when 'years' then {{ short_number_text(size, 'en') }} || case when round({{ size }}, 1) = 1 then ' year' else ' years' end
        else {{ short_number_text(size, 'en') }}
    end
{%- endmacro %}
