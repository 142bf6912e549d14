with

property_history as (

    {{ current_rows('hubspot', 'deal_property_history') }}

),

stage_history as (

    {{ current_rows('hubspot', 'deal_stage_history') }}

),

unioned as (

    select
        _source_instance,
        deal_id,
        name as field_name,
        value as new_value,
        {{ as_timestamp('timestamp') }} as changed_at,
        _file_row,
        _decimal_mark,
        _date_order,
        _time_zone

    from property_history
    where name in ('dealstage', 'pipeline', 'amount', 'hubspot_owner_id', 'closedate')

    union all

    select
        _source_instance,
        deal_id,
        'dealstage' as field_name,
        value as new_value,
        {{ as_timestamp('date_entered') }} as changed_at,
        _file_row,
        _decimal_mark,
        _date_order,
        _time_zone

    from stage_history

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('deal_id') }} as opportunity_id,
        case field_name
            when 'dealstage' then 'stage'
            when 'hubspot_owner_id' then 'owner'
            when 'closedate' then 'close_date'
            else field_name
        end as field_name,
        case when field_name = 'dealstage' then new_value end as source_stage,
        case when field_name = 'hubspot_owner_id' then {{ source_id('new_value') }} end as owner_source_id,
        case when field_name = 'amount' then {{ as_number('new_value', 'decimal(18,2)') }} end as amount_local,
        case when field_name = 'closedate' then {{ local_date(as_timestamp('new_value')) }} end as close_date,
        changed_at,
        _file_row as file_row

    from unioned

)

select * from final
