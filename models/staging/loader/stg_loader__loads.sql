with

source as (

    select * from {{ source('loader', 'loads') }}

),

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

final as (

    select
        source.load_id,
        source.source_system,
        source.source_instance,
        source.table_name,
        tables.entity,
        source.path,
        source.rows as rows_count,
        source.rejected_rows as rejected_rows_count,
        source.rows_expired as expired_rows_count,
        source.expired_before,
        source.extracted_at,
        source.loaded_at,
        source.mode,
        source.state

    from source
    left join tables
        on
            source.source_system = tables.source_system
            and source.table_name = tables.table_name
    {%- if var('known_at') %}
    where source.extracted_at <= cast('{{ var("known_at") }}' as timestamp)
    {%- endif %}

)

select * from final
