{# Tables of the contract with at least one landed row, as `system.table`: what is left out of a query over all of them
   costs no plan. #}
{% macro landed_tables() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set loads -%}
        select distinct source_system || '.' || table_name from {{ source('loader', 'loads') }} where table_name is not null
        {%- endset -%}
        {%- for row in run_query(loads).rows -%}
            {%- do found.append(row[0]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
