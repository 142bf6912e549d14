-- depends on nothing but the contract: one row per table of the sources yml
with

contract as (

    {{ contract_tables() }}

),

final as (

    select
        cast(source_system as varchar) as source_system,
        cast(table_name as varchar) as table_name,
        cast(kind as varchar) as kind,
        cast(owner as varchar) as owner,
        cast(entity as varchar) as entity,
        cast(is_required as boolean) as is_required,
        cast(is_exported_on_business_days as boolean) as is_exported_on_business_days,
        cast(warn_hours as bigint) as warn_hours,
        cast(error_hours as bigint) as error_hours,
        cast(quiet_warn_hours as bigint) as quiet_warn_hours,
        cast(quiet_error_hours as bigint) as quiet_error_hours

    from contract

)

select * from final
