{# What an amount per billing interval (day, week, month or year, times a count) comes to in a month. #}
{% macro monthly_amount(amount, interval, interval_count) -%}
{{ amount }} * case {{ interval }}
    when 'year' then 1.0 / 12
    when 'month' then 1.0
    when 'week' then 52.0 / 12
    when 'day' then 365.0 / 12
end / {{ interval_count }}
{%- endmacro %}
