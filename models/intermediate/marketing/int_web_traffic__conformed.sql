with

traffic as (

    select * from {{ ref('stg_custom__web_traffic') }}

),

channels as (

    select * from {{ ref('channel_mapping') }}

),

final as (

    select
        traffic.source_system,
        traffic.source_instance,
        traffic.visit_date,
        coalesce(channels.channel, 'unknown') as channel,
        cast(sum(traffic.visits_count) as bigint) as visits_count,
        cast(sum(traffic.demo_requests_count) as bigint) as demo_requests_count

    from traffic
    left join channels
        on
            traffic.source_system = channels.source_system
            and traffic.source_value = channels.source_value
    where not traffic.is_deleted
    group by traffic.source_system, traffic.source_instance, traffic.visit_date, coalesce(channels.channel, 'unknown')

)

select * from final
