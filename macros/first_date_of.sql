{# The earliest of some date columns, given as model: column. #}
{% macro first_date_of(columns) -%}
    select min(first_date) as first_date
    from (
        {%- for model, column in columns.items() %}
        select min({{ column }}) as first_date from {{ ref(model) }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as dates
{%- endmacro %}
