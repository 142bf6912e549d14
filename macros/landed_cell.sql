{# A column of a landed table, of the alias `rows`, as staging reads it: an id that comes in two forms in the full one, a
   column that an export may lack by what stands for it, a text for which the contract names a value as that. #}
{% macro landed_cell(system, table, column) -%}
    {%- set substitutes = column_substitutes(system, table) -%}
    {%- set names = value_names(system, table) -%}
    {%- if column in names -%}
    {{ as_named_value('rows.' ~ column, names[column]) }}
    {%- elif column in substitutes -%}
    coalesce(rows.{{ ([column] + substitutes[column]) | join(', rows.') }})
    {%- elif column in short_id_columns(system, table) -%}
    {{ full_salesforce_id('rows.' ~ column) }}
    {%- else -%}
    rows.{{ column }}
    {%- endif -%}
{%- endmacro %}
