{# Rows of some facts for each member of their dimensions (fact, dimension, member, rows_count), from a list of fact,
   dimension and column. #}
{% macro counted_members(columns) -%}
    {%- for fact, dimension, column in columns %}
    select
        '{{ fact }}' as fact,
        '{{ dimension }}' as dimension,
        {{ column }} as member,
        count(*) as rows_count
    from {{ fact }}
    group by {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
