{# Rows of a relation with one id each from a list as `plain_list` reads it: the columns, then the id and its position,
   from 1. Rows without a list, or with an empty one, are left out. #}
{% macro split_ids(relation, columns, list, name) -%}
    {{ return(adapter.dispatch('split_ids')(relation, columns, list, name)) }}
{%- endmacro %}

{% macro duckdb__split_ids(relation, columns, list, name) -%}
    select
        {{ columns | join(', ') }},
        trim(unnest(string_split({{ plain_list(list) }}, ';'))) as {{ name }},
        cast(generate_subscripts(string_split({{ plain_list(list) }}, ';'), 1) as bigint) as position
    from {{ relation }}
    where nullif({{ plain_list(list) }}, '') is not null
{%- endmacro %}

{% macro spark__split_ids(relation, columns, list, name) -%}
    select
        {{ columns | join(', ') }},
        inline(transform(
            split({{ plain_list(list) }}, ';'),
            lambda part, place: named_struct('{{ name }}', trim(part), 'position', cast(place + 1 as bigint))
        ))
    from {{ relation }}
    where nullif({{ plain_list(list) }}, '') is not null
{%- endmacro %}
