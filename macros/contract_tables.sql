{# One row per landed table of the contract, from dbt's own graph of the sources yml. #}
{% macro contract_tables() %}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() | sort(attribute='unique_id') if node.source_meta.kind != 'loader' -%}
            {%- set limit = node.freshness.error_after if node.freshness else none -%}
            {%- set hours = limit.count * (24 if limit.period == 'day' else 1) if limit and limit.count else 'null' -%}
            {%- do rows.append(
                "('" ~ node.source_name ~ "', '" ~ node.name ~ "', '" ~ node.source_meta.kind ~ "', "
                ~ ("'" ~ node.config.meta.entity ~ "'" if node.config.meta.entity else 'null') ~ ", "
                ~ ('true' if node.config.meta.required else 'false') ~ ", " ~ hours ~ ")"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    select *
    from (
        values
        {{ (rows or ["(null, null, null, null, null, null)"]) | join(',\n        ') }}
    ) as tables (source_system, table_name, kind, entity, is_required, limit_hours)
{% endmacro %}
