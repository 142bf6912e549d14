with

opportunities as (

    select * from {{ ref('int_opportunities__tracked') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}
    where field_name = 'stage'

),

deliveries as (

    select * from {{ ref('int_opportunity_deliveries__unioned') }}

),

logs as (

    select
        source_instance,
        min({{ local_date('changed_at') }}) as first_date

    from changes
    where origin = 'logged'
    group by source_instance

),

-- of one export alone nothing tells what was before
exports as (

    select
        source_instance,
        min({{ local_date('covered_until_at') }}) as first_date

    from deliveries
    group by source_instance
    having count(distinct delivery_number) > 1

),

instances as (

    select source_instance
    from opportunities
    group by source_instance

),

final as (

    select
        instances.source_instance,
        case
            when logs.source_instance is not null then 'event_history'
            when exports.source_instance is not null then 'extract_history'
            else 'no_history'
        end as history_basis,
        coalesce(logs.first_date, exports.first_date) as history_from_date

    from instances
    left join logs on instances.source_instance = logs.source_instance
    left join exports on instances.source_instance = exports.source_instance

)

select * from final
