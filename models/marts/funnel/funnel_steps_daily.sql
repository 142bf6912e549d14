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

entrants as (

    select * from {{ ref('funnel_step_entrants') }}

),

ages as (

    select * from {{ ref('funnel_cohort_ages') }}

),

-- a cohort is who entered, by the day they did, and what became of them; the period view sets what left a stage
-- against what entered it, whoever they are
unioned as (

    select
        'cohort' as view,
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
        1 as entrants_count,
        case when is_converted_in_window then 1 else 0 end as converted_count,
        case when converted_date is not null then 1 else 0 end as converted_to_date_count,
        case when lost_date is not null then 1 else 0 end as lost_to_date_count

    from entrants

    union all

    select
        'period' as view,
        steps.from_stage,
        steps.to_stage,
        entries.counting,
        entries.counting_unit,
        entries.entered_date,
        entries.rep_id,
        entries.team_id,
        entries.segment,
        entries.channel,
        entries.product,
        case when entries.stage = steps.from_stage then 1 else 0 end as entrants_count,
        case when entries.stage = steps.to_stage then 1 else 0 end as converted_count,
        case when entries.stage = steps.to_stage then 1 else 0 end as converted_to_date_count,
        0 as lost_to_date_count

    from steps
    inner join stages on steps.from_stage = stages.stage
    inner join entries
        on
            stages.counting_unit = entries.counting_unit
            and (steps.from_stage = entries.stage or steps.to_stage = entries.stage)

),

counted as (

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
        sum(entrants_count) as entrants_count,
        sum(converted_count) as converted_count,
        sum(converted_to_date_count) as converted_to_date_count,
        sum(lost_to_date_count) as lost_to_date_count

    from unioned
    group by view, from_stage, to_stage, counting, counting_unit, entered_date, rep_id, team_id, segment, channel, product

),

-- of those still open as many will convert as did of those open at their age in history
final as (

    select
        counted.view,
        counted.from_stage,
        counted.to_stage,
        counted.counting,
        counted.counting_unit,
        counted.entered_date,
        counted.rep_id,
        counted.team_id,
        counted.segment,
        counted.channel,
        counted.product,
        cast(counted.entrants_count as bigint) as entrants_count,
        cast(counted.converted_count as bigint) as converted_count,
        cast(counted.converted_to_date_count as bigint) as converted_to_date_count,
        cast(counted.lost_to_date_count as bigint) as lost_to_date_count,
        cast(case
            when counted.view = 'cohort'
                then
                    counted.converted_to_date_count
                    + (counted.entrants_count - counted.converted_to_date_count - counted.lost_to_date_count)
                    * ages.later_conversion_rate
        end as decimal(24, 9)) as expected_count

    from counted
    left join ages
        on
            counted.from_stage = ages.from_stage
            and counted.to_stage = ages.to_stage
            and counted.counting = ages.counting
            and counted.entered_date = ages.entered_date

)

select * from final
