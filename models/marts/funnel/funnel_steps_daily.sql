with

entries as (

    select * from {{ ref('funnel_entries') }}

),

steps as (

    select * from {{ ref('funnel_steps') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

windows as (

    select * from {{ ref('funnel_windows') }}

),

units as (

    select
        steps.from_stage,
        steps.to_stage,
        stages.counting_unit

    from steps
    inner join stages on steps.from_stage = stages.stage

),

-- a cohort is who entered, by the day they did, and what became of them
cohorts as (

    select
        'cohort' as view,
        units.from_stage,
        units.to_stage,
        entered.counting,
        entered.counting_unit,
        entered.entered_date,
        entered.rep_id,
        entered.team_id,
        entered.segment,
        entered.channel,
        entered.product,
        1 as entrants_count,
        case when date_diff('day', entered.entered_date, converted.entered_date) <= windows.window_days then 1 else 0 end
            as converted_count,
        case when converted.entered_date is not null then 1 else 0 end as converted_to_date_count

    from units
    inner join entries as entered
        on
            units.from_stage = entered.stage
            and units.counting_unit = entered.counting_unit
    inner join windows
        on
            entered.fiscal_year = windows.fiscal_year
            and units.from_stage = windows.from_stage
            and units.to_stage = windows.to_stage
    left join entries as converted
        on
            entered.counting_unit = converted.counting_unit
            and entered.record_id = converted.record_id
            and entered.counting = converted.counting
            and units.to_stage = converted.stage

),

-- the period view sets what left a stage against what entered it, whoever they are
events as (

    select
        'period' as view,
        units.from_stage,
        units.to_stage,
        entries.counting,
        entries.counting_unit,
        entries.entered_date,
        entries.rep_id,
        entries.team_id,
        entries.segment,
        entries.channel,
        entries.product,
        case when entries.stage = units.from_stage then 1 else 0 end as entrants_count,
        case when entries.stage = units.to_stage then 1 else 0 end as converted_count,
        case when entries.stage = units.to_stage then 1 else 0 end as converted_to_date_count

    from units
    inner join entries
        on
            units.counting_unit = entries.counting_unit
            and (units.from_stage = entries.stage or units.to_stage = entries.stage)

),

unioned as (

    select * from cohorts
    union all
    select * from events

),

final as (

    select
        view,
        from_stage,
        to_stage,
        counting,
        counting_unit,
        entered_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(sum(entrants_count) as bigint) as entrants_count,
        cast(sum(converted_count) as bigint) as converted_count,
        cast(sum(converted_to_date_count) as bigint) as converted_to_date_count

    from unioned
    group by view, from_stage, to_stage, counting, counting_unit, entered_date, rep_id, team_id, segment, channel, product

)

select * from final
