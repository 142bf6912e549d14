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
creations as (

    select
        _source_instance,
        deal_id,
        changed_at as created_at,
        row_number() over (partition by _source_instance, deal_id order by changed_at, _file_row) as deal_number

    from timed
    where field_key = 'add_time'

),

-- of a reused id the deals may overlap: a change belongs to the one whose clock it keeps, in logs whose times were
-- moved by whole days, else to the one made last before it
told_apart as (

    select
        timed._source_instance,
        timed.deal_id,
        timed._file_row,
        timed._load_id,
        max_by(
            creations.deal_number,
            case
                when timed.changed_at - date_trunc('day', timed.changed_at) = creations.created_at - date_trunc('day', creations.created_at)
                    then 1000000
                else 0
            end + creations.deal_number
        ) as deal_number

    from timed
    inner join creations
        on
            timed._source_instance = creations._source_instance
            and timed.deal_id = creations.deal_id
            and timed.changed_at >= creations.created_at
    where
        exists (
            select 1
            from creations as second
            where
                second._source_instance = timed._source_instance
                and second.deal_id = timed.deal_id
                and second.deal_number = 2
        )
    group by timed._source_instance, timed.deal_id, timed._file_row, timed._load_id

),

numbered as (

    select
        timed.*,
        coalesce(told_apart.deal_number, 1) as deal_number

    from timed
    left join told_apart
        on
            timed._load_id = told_apart._load_id
            and timed._file_row = told_apart._file_row

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
