with

traffic as (

    select * from {{ ref('int_web_traffic__conformed') }}

),

final as (

    select
        visit_date,
        channel,
        source_system,
        source_instance,
        cast(visits_count as bigint) as visits_count,
        cast(demo_requests_count as bigint) as demo_requests_count

    from traffic

)

select * from final
