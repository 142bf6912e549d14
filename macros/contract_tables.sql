{# One row per landed table of the contract, from dbt's own graph of the sources yml. #}
{% macro contract_tables() %}
    {%- set rows = [] -%}
    {%- set hours = {'hour': 1, 'day': 24} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() | sort(attribute='unique_id') if node.source_meta.kind != 'loader' -%}
            {%- set meta = node.config.meta -%}
            {%- set limits = [] -%}
            {%- set allowed = node.freshness or {} -%}
            {%- for limit in [allowed.warn_after, allowed.error_after] -%}
                {%- do limits.append(limit.count * hours[limit.period] if limit and limit.count else 'null') -%}
            {%- endfor -%}
            {%- for days in [(meta.quiet_after or {}).warn, (meta.quiet_after or {}).error] -%}
                {%- do limits.append(days * 24 if days else 'null') -%}
            {%- endfor -%}
            {%- do rows.append(
                "('" ~ node.source_name ~ "', '" ~ node.name ~ "', '" ~ node.source_meta.kind ~ "', '" ~ (meta.owner or node.source_meta.owner) ~ "', "
                ~ ("'" ~ meta.entity ~ "'" if meta.entity else 'null') ~ ", "
                ~ ('true' if meta.required else 'false') ~ ", "
                ~ ('true' if meta.exported_on == 'business_days' else 'false') ~ ", " ~ limits | join(', ') ~ ")"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    select *
    from (
        values
        {{ (rows or ["(null, null, null, null, null, null, null, null, null, null, null)"]) | join(',\n        ') }}
    ) as tables (
        source_system, table_name, kind, owner, entity, is_required, is_exported_on_business_days,
        warn_hours, error_hours, quiet_warn_hours, quiet_error_hours
    )
{% endmacro %}
