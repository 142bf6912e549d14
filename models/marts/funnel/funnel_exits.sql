with

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business'

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- a person is out when all the business it brought is
people as (

    select
        contact_id,
        case when bool_and(status in ('lost', 'no_decision')) then max(close_date) end as lost_date

    from opportunities
    where contact_id is not null
    group by contact_id

),

exits as (

    select
        'opportunity' as counting_unit,
        opportunity_id as record_id,
        close_date as lost_date

    from opportunities
    where status in ('lost', 'no_decision')

    union all

    select
        'person' as counting_unit,
        contact_id as record_id,
        lost_date

    from people
    where lost_date is not null

),

final as (

    select
        exits.counting_unit,
        exits.record_id,
        exits.lost_date

    from exits
    inner join clocks on exits.lost_date <= clocks.as_of_date

)

select * from final
