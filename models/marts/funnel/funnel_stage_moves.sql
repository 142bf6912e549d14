with

entries as (

    select * from {{ ref('fct_stage_entries') }}

),

visits as (

    select * from {{ ref('fct_stage_visits') }}

),

-- what is won has left the funnel, as what is lost has
stages as (

    select * from {{ ref('funnel_stages') }}
    where counting_unit in ('person', 'opportunity') and stage <> 'won'

),

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

period_days as (

    {{ days_of_periods() }}

),

visited as (

    select
        visits.counting_unit,
        visits.record_id,
        visits.stage,
        {{ local_date('visits.entered_at') }} as entered_date,
        stages.position,
        lag(stages.position) over (
            partition by visits.counting_unit, visits.record_id
            order by visits.visit_position
        ) as previous_position

    from visits
    left join stages on visits.stage = stages.stage

),

moves as (

    select
        counting_unit,
        stage,
        reached_date as move_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        1 as reached_count,
        case when is_inferred then 1 else 0 end as skipped_count,
        case when is_repaired then 1 else 0 end as repaired_count,
        0 as back_moves_count

    from entries

    union all

    -- a closed record that is opened again has not moved back: the bookings ledger and the waterfall have reopenings
    select
        visited.counting_unit,
        visited.stage,
        visited.entered_date as move_date,
        entries.rep_id,
        entries.team_id,
        entries.segment,
        entries.channel,
        entries.product,
        0 as reached_count,
        0 as skipped_count,
        0 as repaired_count,
        1 as back_moves_count

    from visited
    inner join entries
        on
            visited.counting_unit = entries.counting_unit
            and visited.record_id = entries.record_id
            and visited.stage = entries.stage
    where visited.position < visited.previous_position

),

scoped as (

    select
        counting_unit,
        stage,
        move_date,
        {{ scope_columns() }},
        sum(reached_count) as reached_count,
        sum(skipped_count) as skipped_count,
        sum(repaired_count) as repaired_count,
        sum(back_moves_count) as back_moves_count

    from moves
    group by {{ scope_grouping_sets(['counting_unit', 'stage', 'move_date']) }}

),

final as (

    select
        period_days.period_grain,
        period_days.period_start_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.counting_unit,
        scoped.stage,
        cast(sum(scoped.reached_count) as bigint) as reached_count,
        cast(sum(scoped.skipped_count) as bigint) as skipped_count,
        cast(sum(scoped.skipped_count) as double) / nullif(sum(scoped.reached_count), 0) as skip_rate,
        cast(sum(scoped.repaired_count) as bigint) as repaired_count,
        cast(sum(scoped.back_moves_count) as bigint) as back_moves_count

    from scoped
    inner join period_days on scoped.move_date = period_days.date_day
    group by period_days.period_grain, period_days.period_start_date, scoped.scope_type, scoped.scope_id, scoped.counting_unit, scoped.stage

)

select * from final
