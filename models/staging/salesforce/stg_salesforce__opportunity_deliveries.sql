with

source as (

    {{ delivered_rows('salesforce', 'opportunities') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as opportunity_id,
        stage_name as source_stage,
        case when owner_id not like '00G%' then {{ source_id('owner_id') }} end as owner_source_id,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_date('close_date') }} as close_date,
        {{ as_timestamp('created_date') }} as created_at,
        _is_dropped or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted,
        _delivered_at as delivered_at,
        _next_delivered_at as next_delivered_at,
        _delivery_number as delivery_number

    from source

)

select * from final
