{# Rows of a landed table as they stand now, or stood at `known_at`: one per key, deleted keys flagged.

   A delivery is all loads of a table and instance with one extract time. In snapshot mode a key absent from the
   newest delivery is deleted; with a partition, the newest delivery of each partition replaces it whole. Deliveries of
   such a table that say they are increments delete nothing by absence: a key is deleted when it is in no delivery since
   the newest whole one. In increment mode the newest version of a key wins, by the system's own modification time and
   then by delivery. Keys are cells as `landed_cell` reads them, so that one is one whatever export it stands in. Where the
   system has a deletion mark of its own the connector's stays among the extra columns; either deletes the row. #}
{% macro current_rows(system, table) %}
    {%- set contract = contract_of(system, table) -%}
    {%- set dropped -%}
    coalesce({{ as_boolean(json_text('rows._extra', '_fivetran_deleted')) }}, false)
    {%- endset -%}
    select
        {{ landed_cells(system, table) }},
        contents.delivered_at as _delivered_at,
        {% if contract.mode == 'snapshot' and contract.grain -%}
        coalesce(contents.delivered_at < contents.newest_whole_at, false) or {{ dropped }} as _is_gone,
        {%- else -%}
        {{ dropped }} as _is_gone,
        {%- endif %}
        contents.date_order as _date_order,
        contents.decimal_mark as _decimal_mark,
        contents.time_zone as _time_zone
    from {{ source(system, table) }} as rows
    inner join (
        select
            source_instance,
            content_load_id,
            date_order,
            decimal_mark,
            time_zone,
            max(extracted_at) as delivered_at,
            max(loaded_at) as loaded_at,
            max(case when mode = 'increment' then null else max(extracted_at) end) over (partition by source_instance) as newest_whole_at
        from ({{ known_loads(system, table) }}) as known
        group by source_instance, content_load_id, mode, date_order, decimal_mark, time_zone
    ) as contents
        on rows._load_id = contents.content_load_id
    {% if contract.grain -%}
    qualify row_number() over (
        partition by rows._source_instance, {% for column in contract.grain -%}
        {{ landed_cell(system, table, column) }}{{ ', ' if not loop.last }}
        {%- endfor %}
        order by
            {% if contract.mode == 'increment' and contract.modified_at -%}
            {{ as_timestamp('rows.' ~ contract.modified_at, 'contents.') }} desc nulls last,
            {% endif -%}
            contents.delivered_at desc, contents.loaded_at desc, rows._file_row desc
    ) = 1
    {%- elif contract.partition_by -%}
    qualify contents.delivered_at = max(contents.delivered_at) over (
        partition by rows._source_instance, {% if contract.partition_pattern -%}
        {{ regexp_text('rows._file', contract.partition_pattern) }}
        {%- else -%}
        {{ as_date('rows.' ~ contract.partition_by[0], 'contents.') }}
        {%- endif %}
    )
    {%- endif %}
{% endmacro %}
