{# Rows of a relation with one option each from a JSON list of objects with an id and a label: the columns, then option_id
   and label. Rows whose text is no such list are left out. #}
{% macro json_options(relation, columns, list) -%}
    {{ return(adapter.dispatch('json_options')(relation, columns, list)) }}
{%- endmacro %}

{% macro duckdb__json_options(relation, columns, list) -%}
    select
        {{ columns | join(', ') }},
        option ->> 'id' as option_id,
        option ->> 'label' as label
    from (
        select
            {{ columns | join(', ') }},
            unnest(case when json_valid({{ list }}) then cast(cast({{ list }} as json) as json[]) end) as option
        from {{ relation }}
        where {{ list }} like '[%'
    ) as options
{%- endmacro %}

{% macro spark__json_options(relation, columns, list) -%}
    select
        {{ columns | join(', ') }},
        option.id as option_id,
        option.label as label
    from (
        select
            {{ columns | join(', ') }},
            explode(from_json({{ list }}, 'array<struct<id: string, label: string>>')) as option
        from {{ relation }}
        where {{ list }} like '[%'
    ) as options
{%- endmacro %}
