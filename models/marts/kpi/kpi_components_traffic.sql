with

traffic as (

    select * from {{ ref('fct_web_traffic') }}

),

visited as (

    select
        visit_date as component_date,
        channel,
        sum(visits_count) as website_visits,
        sum(demo_requests_count) as demo_requests

    from traffic
    group by visit_date, channel

),

final as (
    {{ components_of('visited', ['website_visits', 'demo_requests'], ['channel']) }}

)

select * from final
