{# The columns of a landed table whose ids come in a short and in a full form: all ids of a system whose contract says
   so. Nothing while dbt parses. #}
{% macro short_id_columns(system, table) %}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == system and node.name == table and node.source_meta.short_ids -%}
            {%- for name in node.columns if name == 'id' or name.endswith('_id') -%}
                {%- do names.append(name) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}
