{# Whether a row of dim_dates lies in a row of dim_periods. #}
{% macro in_period(dates, periods) -%}
    {{ periods }}.period_start_date = case {{ periods }}.period_grain
        when 'week' then {{ dates }}.week_start_date
        when 'month' then {{ dates }}.month_start_date
        when 'quarter' then {{ dates }}.fiscal_quarter_start_date
        when 'year' then {{ dates }}.fiscal_year_start_date
    end
{%- endmacro %}
