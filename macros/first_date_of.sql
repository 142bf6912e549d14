{# The earliest of some date columns (or expressions), given as model: column; days before the calendar begins are no
   dates but slips of a keyboard or of an epoch. #}
{% macro first_date_of(columns) -%}
    select min(first_date) as first_date
    from (
        {%- for model, column in columns.items() %}
        select min({{ column }}) as first_date from {{ ref(model) }}
        where {{ column }} >= (select min(date_day) from {{ ref('dim_dates') }})
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as dates
{%- endmacro %}
