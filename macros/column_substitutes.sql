{# The columns of a landed table that others stand for where an export has none: `otherwise` of each in its contract.
   Nothing while dbt parses. #}
{% macro column_substitutes(system, table) %}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == system and node.name == table -%}
            {%- for column in node.columns.values() if column.config.meta.get('otherwise') -%}
                {%- do found.update({column.name: column.config.meta['otherwise']}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}
