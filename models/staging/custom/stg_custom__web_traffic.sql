with

source as (

    {{ current_rows('custom', 'web_traffic') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ as_date('day') }} as visit_date,
        coalesce(channel, 'unknown') as source_value,
        {{ as_number('visits', 'bigint') }} as visits_count,
        {{ as_number('demo_requests', 'bigint') }} as demo_requests_count,
        _is_gone as is_deleted

    from source

)

select * from final
