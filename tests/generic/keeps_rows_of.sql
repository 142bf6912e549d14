{# A model has exactly the rows of the relation it is made of, or of those of them that meet a condition, by its key;
   and of some columns the same sums. Returns the keys, and sums, that are not the same on both sides. #}
{% test keeps_rows_of(model, parent, columns, sums=[], condition='true') %}

{%- set measures -%}
count(*) as rows_count
{%- for column in sums %}, sum({{ column }}) as {{ column }}_sum{% endfor %}
{%- endset %}

with

made as (

    select {{ columns | join(', ') }}, {{ measures }}
    from {{ model }}
    group by {{ columns | join(', ') }}

),

parents as (

    select {{ columns | join(', ') }}, {{ measures }}
    from {{ parent }}
    where {{ condition }}
    group by {{ columns | join(', ') }}

)

select
    {{ columns | join(', ') }},
    made.rows_count,
    parents.rows_count as parents_rows_count
from made
full outer join parents using ({{ columns | join(', ') }})
where
    made.rows_count is distinct from parents.rows_count
{%- for column in sums %}
    or made.{{ column }}_sum is distinct from parents.{{ column }}_sum
{%- endfor %}

{% endtest %}
