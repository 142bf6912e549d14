{# Days on which nobody works, from when to when in UTC: weekends in the reporting time zone, and the holidays of a
   relation. #}
{% macro closed_days(holidays) -%}
    select
        {{ local_midnight('days.date_day') }} as starts_at,
        {{ local_midnight('days.date_day + 1') }} as ends_at
    from ({{ date_series("cast('2015-01-01' as date)", "cast('2035-12-31' as date)") }}) as days
    left join {{ holidays }} as holidays on days.date_day = holidays.holiday_date
    where isodow(days.date_day) > 5 or holidays.holiday_date is not null
{%- endmacro %}
