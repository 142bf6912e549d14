{# What the texts of a landed table's columns stand for where its contract says so: `values` of each column that has
   any, exported text to value. Nothing while dbt parses. #}
{% macro value_names(system, table) %}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == system and node.name == table -%}
            {%- for column in node.columns.values() if column.config.meta.get('values') -%}
                {%- do found.update({column.name: column.config.meta['values']}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}
