{# The mandatory tables that were delivered and hold no row as they stand; where there are any, an error that names them
   and who owns them. #}
{% macro refuse_empty_tables(tables, loads, columns) -%}
    {%- set empty -%}
    select
        loads.source_system,
        loads.source_instance,
        loads.table_name,
        max(loads.extracted_at) as extracted_at,
        max(tables.owner) as owner
    from {{ loads }} as loads
    inner join {{ tables }} as tables
        on
            loads.source_system = tables.source_system
            and loads.table_name = tables.table_name
    left join {{ columns }} as columns
        on
            loads.source_system = columns.source_system
            and loads.source_instance = columns.source_instance
            and loads.table_name = columns.table_name
    where tables.is_required and loads.state in ('loaded', 'unchanged')
    group by loads.source_system, loads.source_instance, loads.table_name
    having coalesce(max(columns.rows_count), 0) = 0
    order by all
    {%- endset -%}
    {%- if execute -%}
        {%- set rows = run_query(empty).rows -%}
        {%- set named = [] -%}
        {%- for row in rows[:5] -%}
            {%- do named.append(row[2] ~ ' of ' ~ row[1] ~ ' (' ~ row[0] ~ ', export of ' ~ row[3] ~ ', ask ' ~ row[4] ~ ')') -%}
        {%- endfor -%}
        {%- if rows | length > 0 -%}
            {{ exceptions.raise_compiler_error(
                'no row is left in ' ~ named | join(', ') ~ (' and ' ~ (rows | length - 5) ~ ' more' if rows | length > 5 else '')
                ~ ': a mandatory table; export it again in full, or say in its sources yml that it is not required'
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ empty }}
{%- endmacro %}
