with

opportunities as (

    select * from {{ ref('int_opportunities__tracked') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}
    where field_name = 'close_date'

),

deliveries as (

    select * from {{ ref('int_opportunity_deliveries__unioned') }}

),

-- some logs tell the value before a change too: what they do not name was never changed since they began
logs as (

    select
        source_instance,
        min(case when origin = 'logged' then {{ local_date('changed_at') }} end) as first_date,
        bool_or(origin = 'assumed') as is_of_changes

    from changes
    group by source_instance
    having bool_or(origin = 'logged')

),

delivered as (

    select
        deliveries.opportunity_id,
        {{ local_date('deliveries.covered_until_at') }} as from_date,
        deliveries.close_date,
        deliveries.delivery_number as told_number,
        lag(deliveries.close_date) over (partition by deliveries.opportunity_id order by deliveries.delivery_number) as previous_close_date

    from deliveries
    left join logs on deliveries.source_instance = logs.source_instance
    where logs.source_instance is null

),

-- nothing is told before the log, or the export that shows it first: the present date may be the day it closed
told as (

    select
        changes.opportunity_id,
        greatest({{ local_date('changes.changed_at') }}, logs.first_date) as from_date,
        changes.close_date,
        changes.change_number as told_number
    from changes
    inner join logs on changes.source_instance = logs.source_instance

    union all

    select
        opportunities.opportunity_id,
        logs.first_date as from_date,
        opportunities.close_date,
        1 as told_number
    from opportunities
    inner join logs on opportunities.source_instance = logs.source_instance
    left join changes on opportunities.opportunity_id = changes.opportunity_id
    where logs.is_of_changes and changes.opportunity_id is null

    union all

    select opportunity_id, from_date, close_date, told_number
    from delivered
    where close_date is distinct from previous_close_date

),

last_of_day as (

    select *
    from told
    qualify row_number() over (partition by opportunity_id, from_date order by told_number desc) = 1

),

final as (

    select
        opportunity_id,
        from_date,
        coalesce(lead(from_date) over (partition by opportunity_id order by from_date) - 1, cast('9999-12-31' as date)) as to_date,
        close_date

    from last_of_day

)

select * from final
