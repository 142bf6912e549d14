with

source as (

    select * from {{ source('loader', 'checks') }}

),

final as (

    select
        run_id,
        -- tests of dbt that the pipeline notes down, and expectations about exports and about marts
        case when gate = 'dbt' then 'dbt_test' else 'expectation' end as kind,
        gate,
        check_name,
        rule,
        source_system,
        source_instance,
        table_name,
        column_name,
        entity,
        on_breach,
        status,
        observed,
        expected,
        from_date,
        to_date,
        owner,
        checked_at

    from source

)

select * from final
