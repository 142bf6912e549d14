{# The days of every period, of the CTEs `dates` and `periods`. Facts join these by their day alone: joined with dates and
   periods at once, the planner compares every fact with every period, which takes longer than all the rest. #}
{% macro days_of_periods() -%}
    select
        dates.date_day,
        periods.period_grain,
        periods.period_start_date,
        periods.period_end_date,
        periods.observed_until_date

    from dates
    inner join periods on {{ in_period('dates', 'periods') }}
{%- endmacro %}
