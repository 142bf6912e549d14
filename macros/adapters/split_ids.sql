{# Rows of a relation with one id each from a list separated by semicolons or commas: the columns, then the id and
   its position, from 1. Rows without a list are left out. #}
{% macro split_ids(relation, columns, list, name) -%}
    {{ return(adapter.dispatch('split_ids')(relation, columns, list, name)) }}
{%- endmacro %}

{% macro duckdb__split_ids(relation, columns, list, name) -%}
    select
        {{ columns | join(', ') }},
        trim(unnest(string_split(replace({{ list }}, ',', ';'), ';'))) as {{ name }},
        cast(generate_subscripts(string_split(replace({{ list }}, ',', ';'), ';'), 1) as bigint) as position
    from {{ relation }}
    where {{ list }} is not null
{%- endmacro %}

{% macro spark__split_ids(relation, columns, list, name) -%}
    select
        {{ columns | join(', ') }},
        inline(transform(
            split(replace({{ list }}, ',', ';'), ';'),
            lambda part, place: named_struct('{{ name }}', trim(part), 'position', cast(place + 1 as bigint))
        ))
    from {{ relation }}
    where {{ list }} is not null
{%- endmacro %}
