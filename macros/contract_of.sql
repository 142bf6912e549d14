{# What the sources yml says of a landed table: its config meta. Nothing while dbt parses. #}
{% macro contract_of(system, table) %}
    {%- set found = namespace(meta={}) -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == system and node.name == table -%}
            {%- set found.meta = node.config.meta -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found.meta) }}
{% endmacro %}
