{# Each day of the CTE `dates`, and the first of the days on end that lie in the same week, month and quarter. What is summed
   by that day can be summed by any period, and of such days there are a fifth as many. #}
{% macro starts_of_stretches() -%}
    select
        date_day,
        min(date_day) over (partition by week_start_date, month_start_date, fiscal_quarter_start_date) as stretch_start_date

    from dates
{%- endmacro %}
