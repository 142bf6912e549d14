{# One row per instance and column of a landed table: rows as they stand, cells that are filled, and filled cells that
   staging can read as the column's type. Of `business_time` and `modified_at` of the contract also the newest moment that
   is not after the row's own export: what is planned did not happen yet. #}
{% macro column_counts(system, table, columns) -%}
    {{ return(adapter.dispatch('column_counts')(system, table, columns)) }}
{%- endmacro %}

{% macro default__column_counts(system, table, columns) -%}
    {%- set contract = contract_of(system, table) -%}
    {%- set counted = [] -%}
    {%- for column in columns -%}
        {%- set kind = column.data_type | replace(' ', '') -%}
        {%- set filled = "nullif(" ~ column.name ~ ", '')" -%}
        {%- set cast = none -%}
        {%- if kind == 'date' -%}
            {%- set cast = as_date(column.name) -%}
        {%- elif kind == 'timestamp' -%}
            {%- set cast = as_timestamp(column.name) -%}
        {%- elif kind == 'boolean' -%}
            {%- set cast = as_boolean(column.name) -%}
        {%- elif kind != 'varchar' -%}
            {%- set cast = as_number(column.name, kind, rounded=column.config.meta.rounded) -%}
        {%- endif -%}
        {%- set newest = 'cast(null as timestamp)' -%}
        {%- if column.name in [contract.business_time, contract.modified_at] -%}
            {%- set moment = local_midnight(cast) if kind == 'date' else cast -%}
            {%- set newest = 'max(case when ' ~ moment ~ ' <= _delivered_at then ' ~ moment ~ ' end)' -%}
        {%- endif -%}
        {%- do counted.append(
            "{'column_name': '" ~ column.name ~ "', 'data_type': '" ~ kind ~ "', 'is_required': "
            ~ ('true' if column.config.meta.required else 'false') ~ ", 'filled_count': count(" ~ filled
            ~ "), 'castable_count': count(" ~ (cast or filled) ~ "), 'newest_business_at': " ~ newest ~ "}"
        ) -%}
    {%- endfor -%}
    select
        '{{ system }}' as source_system,
        _source_instance as source_instance,
        '{{ table }}' as table_name,
        rows_count,
        unnest(counts, recursive := true)
    from (
        select
            _source_instance,
            count(*) as rows_count,
            [
                {{ counted | join(',\n                ') }}
            ] as counts
        from ({{ current_rows(system, table) }}) as landed
        where not _is_gone
        group by _source_instance
    ) as counted
{%- endmacro %}
