{# The day on which another period of the same grain is as far in as a period is on its last day seen: as many whole months and days
   further, where a day that a month does not have is its last one. The last day of a month is matched by the last day of one, or what
   is booked then would be in one of the two only. Weeks are counted in days. #}
{% macro same_point(period, other_start) -%}
    {%- set grain, start, until = period ~ '.period_grain', period ~ '.period_start_date', period ~ '.observed_until_date' -%}
    {%- set months -%}
        to_months(cast(case when {{ grain }} = 'week' then 0 else date_diff('month', {{ other_start }}, {{ start }}) end as integer))
    {%- endset -%}
    {{ other_start }} + cast(date_diff(
        'day',
        cast({{ start }} - {{ months }} as date),
        case when last_day({{ until }}) = {{ until }} then last_day({{ until }} - {{ months }}) else cast({{ until }} - {{ months }} as date) end
    ) as integer)
{%- endmacro %}
