-- the columns of every landed table, as they stand now; where nothing landed one table without rows stands for all
with

{%- set tables = [] %}
{%- if execute %}
{%- set landed = landed_tables() or ['custom.web_traffic'] %}
{%- for node in graph.sources.values() | sort(attribute='unique_id') if node.source_name ~ '.' ~ node.name in landed %}
{%- do tables.append(column_counts(node.source_name, node.name, node.columns.values() | list)) %}
{%- endfor %}
{%- endif %}

counted as (

    {{ tables | join('\n    union all\n    ') or 'select null' }}

),

final as (

    select
        cast(source_system as varchar) as source_system,
        cast(source_instance as varchar) as source_instance,
        cast(table_name as varchar) as table_name,
        cast(column_name as varchar) as column_name,
        cast(data_type as varchar) as data_type,
        cast(is_required as boolean) as is_required,
        cast(rows_count as bigint) as rows_count,
        cast(filled_count as bigint) as filled_count,
        cast(castable_count as bigint) as castable_count,
        cast(newest_business_at as timestamp) as newest_business_at

    from counted

)

select * from final
