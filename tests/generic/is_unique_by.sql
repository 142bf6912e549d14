{# A model has one row per combination of some columns, none of them null unless it is `nullable`.
   Returns the combinations that break it. #}
{% test is_unique_by(model, columns, nullable=[]) %}

with

keys as (

    select
        {{ columns | join(', ') }},
        count(*) as rows_count

    from {{ model }}
    group by {{ columns | join(', ') }}

)

select * from keys
where
    rows_count > 1
{%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
