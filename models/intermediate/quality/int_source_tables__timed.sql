with

contract as (

    select * from {{ ref('stg_loader__tables') }}

),

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

columns as (

    select * from {{ ref('stg_loader__columns') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

delivered as (

    select
        source_system,
        source_instance,
        table_name,
        max(extracted_at) as newest_extracted_at

    from loads
    where state in ('loaded', 'unchanged')
    group by source_system, source_instance, table_name

),

lived as (

    select
        source_system,
        source_instance,
        table_name,
        max(newest_business_at) as newest_business_at

    from columns
    group by source_system, source_instance, table_name

),

tables as (

    select
        delivered.*,
        lived.newest_business_at,
        contract.* exclude (source_system, table_name)

    from delivered
    inner join contract
        on
            delivered.source_system = contract.source_system
            and delivered.table_name = contract.table_name
    left join lived
        on
            delivered.source_system = lived.source_system
            and delivered.source_instance = lived.source_instance
            and delivered.table_name = lived.table_name

),

-- an export that comes in time may still be the old one: nothing new in it is a reason of its own
final as (

    select
        tables.source_system,
        tables.source_instance,
        tables.table_name,
        'export' as cause,
        tables.entity,
        tables.newest_extracted_at,
        tables.newest_business_at,
        tables.newest_extracted_at as starts_at,
        clocks.checked_at as ends_at,
        tables.is_exported_on_business_days as is_in_business_days,
        coalesce(tables.warn_hours, tables.error_hours) as limit_hours,
        tables.error_hours as stale_after_hours

    from tables
    cross join clocks

    union all

    select
        source_system,
        source_instance,
        table_name,
        'content' as cause,
        entity,
        newest_extracted_at,
        newest_business_at,
        newest_business_at as starts_at,
        newest_extracted_at as ends_at,
        true as is_in_business_days,
        coalesce(quiet_warn_hours, quiet_error_hours) as limit_hours,
        quiet_error_hours as stale_after_hours

    from tables
    where newest_business_at is not null and coalesce(quiet_warn_hours, quiet_error_hours) is not null

)

select * from final
