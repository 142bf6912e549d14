{# Rows of a landed snapshot table in each of its deliveries, one per key and delivery, up to `known_at`; nothing
   while there is one delivery only, which tells no change.

   What a delivery is and how cells are read is as in `current_rows`. A key that the next whole
   delivery does not name was gone by then: `_next_delivered_at` is that of the instance, whether the key is in it or
   not. Deliveries that say they are increments take nothing away by absence. #}
{% macro delivered_rows(system, table) %}
    {%- set contract = contract_of(system, table) -%}
    select
        {{ landed_cells(system, table) }},
        contents.delivered_at as _delivered_at,
        contents.delivery_number as _delivery_number,
        contents.next_delivered_at as _next_delivered_at,
        coalesce({{ as_boolean(json_text('rows._extra', '_fivetran_deleted')) }}, false) as _is_dropped,
        contents.date_order as _date_order,
        contents.decimal_mark as _decimal_mark,
        contents.time_zone as _time_zone
    from {{ source(system, table) }} as rows
    inner join (
        select
            *,
            min(case when mode = 'increment' then null else delivered_at end) over (
                partition by source_instance
                order by delivery_number range between 1 following and unbounded following
            ) as next_delivered_at,
            min(delivered_at) over (partition by source_instance)
            < max(delivered_at) over (partition by source_instance) as is_repeated
        from (
            select
                source_instance,
                content_load_id,
                mode,
                date_order,
                decimal_mark,
                time_zone,
                extracted_at as delivered_at,
                dense_rank() over (partition by source_instance order by extracted_at) as delivery_number,
                max(loaded_at) as loaded_at
            from ({{ known_loads(system, table) }}) as known
            group by source_instance, content_load_id, mode, date_order, decimal_mark, time_zone, extracted_at
        ) as delivered
    ) as contents
        on rows._load_id = contents.content_load_id
    where contents.is_repeated
    qualify row_number() over (
        partition by rows._source_instance, contents.delivered_at
        {%- for column in contract.grain or [] %}, {{ landed_cell(system, table, column) }}{% endfor %}
        order by contents.loaded_at desc, rows._file_row desc
    ) = 1
{% endmacro %}
