with

visits as (

    select * from {{ ref('fct_stage_visits') }}

),

entries as (

    select * from {{ ref('funnel_entries') }}
    where counting = 'reached' and stage <> 'won'

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- the clock of an open visit stops at the end of the as-of date
stopped as (

    select
        visits.counting_unit,
        visits.record_id,
        visits.stage,
        visits.entered_at,
        visits.stage is distinct from lag(visits.stage) over (
            partition by visits.counting_unit, visits.record_id
            order by visits.visit_position
        ) as is_arrival,
        least(coalesce(visits.exited_at, {{ local_midnight('clocks.as_of_date + 1') }}), {{ local_midnight('clocks.as_of_date + 1') }}) as exited_at,
        visits.exited_at is null or visits.exited_at >= {{ local_midnight('clocks.as_of_date + 1') }} as is_open

    from visits
    inner join clocks on visits.entered_at < {{ local_midnight('clocks.as_of_date + 1') }}

),

-- time in a stage is the sum over the visits to it; from one source stage to another of the same stage nobody arrives
summed as (

    select
        counting_unit,
        record_id,
        stage,
        sum(case when is_arrival then 1 else 0 end) as visits_count,
        cast(sum(date_diff('second', entered_at, exited_at)) / 86400.0 as decimal(18, 6)) as stage_days,
        bool_or(is_open) as is_open

    from stopped
    group by counting_unit, record_id, stage

),

final as (

    select
        entries.counting_unit,
        entries.record_id,
        entries.stage,
        entries.entered_date,
        entries.rep_id,
        entries.team_id,
        entries.segment,
        entries.channel,
        entries.product,
        cast(summed.visits_count as bigint) as visits_count,
        greatest(summed.stage_days, 0) as stage_days,
        summed.is_open

    from entries
    inner join summed
        on
            entries.counting_unit = summed.counting_unit
            and entries.record_id = summed.record_id
            and entries.stage = summed.stage

)

select * from final
