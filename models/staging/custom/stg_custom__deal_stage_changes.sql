with

source as (

    {{ current_rows('custom', 'deal_stage_changes') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('deal_id') }} as opportunity_id,
        'stage' as field_name,
        stage as source_stage,
        cast(null as varchar) as owner_source_id,
        cast(null as decimal(18,2)) as amount_local,
        cast(null as date) as close_date,
        {{ as_timestamp('changed_at') }} as changed_at,
        _file_row as file_row

    from source

)

select * from final
