with

columns as (

    select * from {{ ref('stg_loader__columns') }}

),

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

rated as (

    select
        columns.*,
        tables.entity,
        cast(columns.filled_count as double) / nullif(columns.rows_count, 0) as filled_rate,
        cast(columns.castable_count as double) / nullif(columns.filled_count, 0) as castable_rate,
        case when columns.is_required then cast(1 as double) end as required_rate

    from columns
    inner join tables
        on
            columns.source_system = tables.source_system
            and columns.table_name = tables.table_name

),

-- what cannot be read is worse than what is missing
final as (

    select
        source_system,
        source_instance,
        table_name,
        column_name,
        entity,
        rows_count,
        filled_rate,
        castable_rate,
        required_rate,
        case
            when castable_rate < 1 then 'uncastable'
            when filled_rate < required_rate then 'incomplete'
            when filled_rate = 0 then 'empty'
            else 'ok'
        end as status

    from rated

)

select * from final
