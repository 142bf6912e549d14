with

source as (

    {{ current_rows('pipedrive', 'deal_changes') }}

),

timed as (

    select
        *,
        {{ as_timestamp('change_time') }} as changed_at

    from source

),

-- an id that is added a second time is a second deal
numbered as (

    select
        *,
        sum(case when field_key = 'add_time' then 1 else 0 end) over (
            partition by _source_instance, deal_id
            order by changed_at, case when field_key = 'add_time' then 0 else 1 end, _file_row
            rows between unbounded preceding and current row
        ) as deal_number

    from timed

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        deal_id,
        {{ source_id('deal_id') }} || case when deal_number > 1 then '#' || cast(deal_number as varchar) else '' end as opportunity_id,
        cast(deal_number as bigint) as deal_number,
        case field_key
            when 'stage_id' then 'stage'
            when 'user_id' then 'owner'
            when 'owner_id' then 'owner'
            when 'value' then 'amount'
            when 'expected_close_date' then 'close_date'
            else field_key
        end as field_name,
        new_value,
        case when field_key = 'stage_id' then new_value end as source_stage,
        case when field_key in ('user_id', 'owner_id') then {{ source_id('new_value') }} end as owner_source_id,
        case when field_key = 'value' then {{ as_number('new_value', 'decimal(18,2)') }} end as amount_local,
        case when field_key = 'expected_close_date' then {{ as_date('new_value') }} end as close_date,
        changed_at,
        _file_row as file_row

    from numbered

)

select * from final
