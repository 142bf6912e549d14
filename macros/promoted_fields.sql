{# Custom fields that the contract of a mart promotes to columns: each column's name, its type and the titles under
   which exports have it. Nothing while dbt parses, nor in unit tests, which know of no other nodes. #}
{% macro promoted_fields(mart) %}
    {%- set fields = [] -%}
    {%- if execute -%}
        {%- set contract = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ mart, {'columns': {}}) -%}
        {%- for column in contract.columns.values() if column.config.meta.custom_field -%}
            {%- set titles = column.config.meta.custom_field -%}
            {%- do fields.append({'name': column.name, 'type': column.data_type, 'titles': [titles] if titles is string else titles}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(fields) }}
{% endmacro %}
