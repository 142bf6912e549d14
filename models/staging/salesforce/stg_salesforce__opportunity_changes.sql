with

history as (

    {{ current_rows('salesforce', 'opportunity_history') }}

),

versions as (

    {{ current_rows('salesforce', 'opportunity_versions') }}

),

fields as (

    {{ current_rows('salesforce', 'opportunity_field_history') }}

),

snapshots as (

    select
        {{ source_id('opportunity_id') }} as opportunity_id,
        _source_instance as source_instance,
        stage_name as source_stage,
        cast(null as varchar) as owner_source_id,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_date('close_date') }} as close_date,
        {{ as_timestamp('created_date') }} as changed_at,
        _file_row as file_row

    from history
    where not coalesce({{ as_boolean('is_deleted') }}, false)

    union all

    select
        {{ source_id('id') }} as opportunity_id,
        _source_instance as source_instance,
        stage_name as source_stage,
        case when owner_id not like '00G%' then {{ source_id('owner_id') }} end as owner_source_id,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_date('close_date') }} as close_date,
        {{ as_timestamp('fivetran_start') }} as changed_at,
        _file_row as file_row

    from versions

),

owner_changes as (

    select
        {{ source_id('opportunity_id') }} as opportunity_id,
        _source_instance as source_instance,
        case when old_value like '005%' then {{ source_id(full_salesforce_id('old_value')) }} end as previous_owner_source_id,
        case when new_value like '005%' then {{ source_id(full_salesforce_id('new_value')) }} end as owner_source_id,
        {{ as_timestamp('created_date') }} as changed_at,
        _file_row as file_row

    from fields
    where lower(field) in ('owner', 'ownerid')

),

final as (

    select 'salesforce' as source_system, source_instance, opportunity_id, 'stage' as field_name, source_stage, cast(null as varchar) as owner_source_id, cast(null as varchar) as previous_owner_source_id, cast(null as decimal(18,2)) as amount_local, cast(null as date) as close_date, changed_at, file_row
    from snapshots
    union all
    select 'salesforce' as source_system, source_instance, opportunity_id, 'amount' as field_name, cast(null as varchar) as source_stage, cast(null as varchar) as owner_source_id, cast(null as varchar) as previous_owner_source_id, amount_local, cast(null as date) as close_date, changed_at, file_row
    from snapshots
    union all
    select 'salesforce' as source_system, source_instance, opportunity_id, 'close_date' as field_name, cast(null as varchar) as source_stage, cast(null as varchar) as owner_source_id, cast(null as varchar) as previous_owner_source_id, cast(null as decimal(18,2)) as amount_local, close_date, changed_at, file_row
    from snapshots
    union all
    select 'salesforce' as source_system, source_instance, opportunity_id, 'owner' as field_name, cast(null as varchar) as source_stage, owner_source_id, previous_owner_source_id, cast(null as decimal(18,2)) as amount_local, cast(null as date) as close_date, changed_at, file_row
    from owner_changes
    where owner_source_id is not null
    union all
    select 'salesforce' as source_system, source_instance, opportunity_id, 'owner' as field_name, cast(null as varchar) as source_stage, owner_source_id, cast(null as varchar) as previous_owner_source_id, cast(null as decimal(18,2)) as amount_local, cast(null as date) as close_date, changed_at, file_row
    from snapshots
    where owner_source_id is not null

)

select * from final
