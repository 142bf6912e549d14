{# Rows of a landed snapshot table in each of its deliveries, one per key and delivery, up to `known_at`; nothing
   while there is one delivery only, which tells no change.

   What a delivery is, which recipe counts and how ids are read is as in `current_rows`. A key that the next whole
   delivery does not name was gone by then: `_next_delivered_at` is that of the instance, whether the key is in it or
   not. Deliveries that say they are increments take nothing away by absence. #}
{% macro delivered_rows(system, table) %}
    {%- set contract = contract_of(system, table) -%}
    {%- set short_ids = short_id_columns(system, table) -%}
    {%- set substitutes = column_substitutes(system, table) -%}
    {%- set names = value_names(system, table) -%}
    {%- set read = {} -%}
    {%- for column in short_ids -%}
        {%- do read.update({column: full_salesforce_id('rows.' ~ column)}) -%}
    {%- endfor -%}
    {%- for column in substitutes -%}
        {%- do read.update({column: 'coalesce(rows.' ~ ([column] + substitutes[column]) | join(', rows.') ~ ')'}) -%}
    {%- endfor -%}
    {%- for column in names -%}
        {%- do read.update({column: as_named_value('rows.' ~ column, names[column])}) -%}
    {%- endfor -%}
    select
        rows.*
        {%- if read %} replace (
            {%- for column in read %}
            {{ read[column] }} as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {%- endif %},
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
            dense_rank() over (partition by source_instance order by delivered_at) as delivery_number,
            min(case when mode = 'increment' then null else delivered_at end) over (
                partition by source_instance
                order by delivered_at groups between 1 following and unbounded following
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
                max(loaded_at) as loaded_at
            from (
                select
                    *,
                    max_by(recipe, loaded_at) over (partition by source_instance, sha256, mode) as newest_recipe
                from {{ source('loader', 'loads') }}
                where
                    source_system = '{{ system }}'
                    and table_name = '{{ table }}'
                    and state in ('loaded', 'unchanged')
                    {%- if var('known_at') %}
                    and extracted_at <= cast('{{ var("known_at") }}' as timestamp)
                    {%- endif %}
            ) as known
            where recipe = newest_recipe
            group by source_instance, content_load_id, mode, date_order, decimal_mark, time_zone, extracted_at
        ) as delivered
    ) as contents
        on rows._load_id = contents.content_load_id
    where contents.is_repeated
    qualify row_number() over (
        partition by rows._source_instance, contents.delivered_at
        {%- for column in contract.grain or [] %}, {{ read[column] if column in read else 'rows.' ~ column }}{% endfor %}
        order by contents.loaded_at desc, rows._file_row desc
    ) = 1
{% endmacro %}
