{# The earliest of some date columns (or expressions), given as model: column; days before the calendar begins are no
   dates but slips of a keyboard or of an epoch. #}
{% macro first_date_of(columns) -%}
    select min(fact_date) as first_date
    from (
        {%- for model, column in columns.items() %}
        select {{ column }} as fact_date from {{ ref(model) }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as facts
    where fact_date >= (select min(date_day) from {{ ref('dim_dates') }})
{%- endmacro %}
