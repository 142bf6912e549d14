{# All columns of a landed table, of the alias `rows`, each as `landed_cell` reads it. #}
{% macro landed_cells(system, table) -%}
    {%- set changed = short_id_columns(system, table) + column_substitutes(system, table) | list + value_names(system, table) | list -%}
    rows.*
    {%- if changed %} replace (
        {%- for column in changed | unique %}
        {{ landed_cell(system, table, column) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endif %}
{%- endmacro %}
