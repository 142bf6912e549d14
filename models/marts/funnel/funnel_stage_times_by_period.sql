with

times as (

    select * from {{ ref('funnel_stage_times') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

period_days as (

    {{ days_of_periods() }}

),

-- each record once in each of its scopes
scoped as (

    select
        times.record_id,
        times.stage,
        times.entered_date,
        {{ scope_columns() }},
        max(times.visits_count) as visits_count,
        max(times.stage_days) as stage_days,
        bool_or(times.is_open) as is_open

    from times
    -- of a stage that people go through, people are timed
    inner join stages
        on
            times.stage = stages.stage
            and times.counting_unit = stages.counting_unit
    group by {{ scope_grouping_sets(['times.record_id', 'times.stage', 'times.entered_date']) }}

),

final as (

    select
        period_days.period_grain,
        period_days.period_start_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.stage,
        scoped.record_id,
        cast(scoped.visits_count as bigint) as visits_count,
        cast(scoped.stage_days as decimal(18, 6)) as stage_days,
        scoped.is_open

    from scoped
    inner join period_days on scoped.entered_date = period_days.date_day

)

select * from final
