with

columns as (

    select * from {{ ref('int_quality__columns_judged') }}

),

final as (

    select
        source_system,
        source_instance,
        table_name,
        column_name,
        rows_count,
        filled_rate,
        castable_rate,
        required_rate,
        status

    from columns

)

select * from final
