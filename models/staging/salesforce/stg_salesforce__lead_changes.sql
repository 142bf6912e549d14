with

source as (

    {{ current_rows('salesforce', 'lead_history') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('lead_id') }} as person_source_id,
        case lower(field) when 'status' then 'stage' when 'owner' then 'owner' else lower(field) end as field_name,
        case when lower(field) = 'status' then new_value end as source_stage,
        case when lower(field) in ('owner', 'ownerid') and new_value like '005%' then {{ source_id(full_salesforce_id('new_value')) }} end as owner_source_id,
        case when lower(field) in ('owner', 'ownerid') and old_value like '005%' then {{ source_id(full_salesforce_id('old_value')) }} end as previous_owner_source_id,
        {{ as_timestamp('created_date') }} as changed_at

    from source

)

select * from final
