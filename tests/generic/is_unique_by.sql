{# A model has one row per combination of some columns, none of them null. Returns the combinations that break it. #}
{% test is_unique_by(model, columns) %}

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
{%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
