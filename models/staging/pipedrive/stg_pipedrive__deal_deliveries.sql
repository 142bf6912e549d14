with

source as (

    {{ delivered_rows('pipedrive', 'deals') }}

),

logged as (

    select * from {{ ref('stg_pipedrive__logged_deals') }}

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        -- of a reused id the deal made last is the one exports list
        coalesce(logged.opportunity_id, {{ source_id('source.id') }}) as opportunity_id,
        source.stage_id as source_stage,
        {{ source_id('source.owner_id') }} as owner_source_id,
        {{ as_number('value', 'decimal(18,2)') }} as amount_local,
        {{ as_date('expected_close_date') }} as close_date,
        coalesce({{ as_timestamp('add_time') }}, logged.created_at) as created_at,
        _is_dropped or coalesce(lower(source.status) = 'deleted', false) as is_deleted,
        _delivered_at as delivered_at,
        _next_delivered_at as next_delivered_at,
        _delivery_number as delivery_number

    from source
    left join logged
        on
            source._source_instance = logged.source_instance
            and source.id = logged.deal_id
            and logged.deal_number = logged.last_number

)

select * from final
