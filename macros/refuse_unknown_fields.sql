{# Custom fields that the contract of a mart promotes though no record has them or their title looks personal; where
   there are any, an error that names them and the file to edit. `marts` maps each mart to the relation of its records. #}
{% macro refuse_unknown_fields(marts) -%}
    {%- set wrong = [] -%}
    {%- set promoted = namespace(query=[]) -%}
    {%- for mart, relation in marts.items() -%}
        {%- set titles = promoted_fields(mart) | map(attribute='titles') | sum(start=[]) -%}
        {%- for title in titles -%}
            {%- set text = "'" ~ title | replace("'", "''") ~ "'" -%}
            {%- do promoted.query.append(
                "select '" ~ mart ~ "' as mart, " ~ text ~ " as title, " ~ is_personal_title(text) ~ " as is_personal, "
                ~ "count(*) as records_count, count(" ~ json_text('custom_fields', title) ~ ") as values_count from " ~ relation
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = 'select * from (' ~ promoted.query | join(' union all ') ~ ') as promoted where is_personal or (records_count > 0 and values_count = 0)' -%}
    {%- if execute and promoted.query -%}
        {%- for row in run_query(found).rows -%}
            {%- do wrong.append(
                row[0] ~ ".yml promotes '" ~ row[1] ~ "', "
                ~ ('whose title looks personal (decision 0022)' if row[2] else 'which no record has as a custom field')
            ) -%}
        {%- endfor -%}
        {%- if wrong -%}
            {{ exceptions.raise_compiler_error(
                wrong | join('; ') ~ ': correct `custom_field` in models/marts/core/; titles are as in the keys of custom_fields'
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ found if promoted.query else 'select 1 as nothing_promoted where false' }}
{%- endmacro %}
