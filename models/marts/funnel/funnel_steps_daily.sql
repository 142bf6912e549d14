with

entries as (

    select * from {{ ref('fct_stage_entries') }}

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

dates as (

    select * from {{ ref('dim_dates') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

counted as (

    select counting_unit, record_id, stage, 'reached' as counting, reached_date as entered_date, rep_id, team_id, segment, channel, product
    from entries
    union all
    select counting_unit, record_id, stage, 'strict' as counting, strict_date as entered_date, rep_id, team_id, segment, channel, product
    from entries
    where strict_date is not null

),

paired as (

    select
        entered.counting_unit,
        steps.from_stage,
        steps.to_stage,
        entered.counting,
        entered.entered_date,
        case when converted.entered_date <= clocks.as_of_date then converted.entered_date end as converted_date,
        windows.window_days,
        entered.rep_id,
        entered.team_id,
        entered.segment,
        entered.channel,
        entered.product

    from steps
    cross join clocks
    inner join stages on steps.from_stage = stages.stage
    inner join counted as entered
        on
            steps.from_stage = entered.stage
            and stages.counting_unit = entered.counting_unit
            and entered.entered_date <= clocks.as_of_date
    inner join dates on entered.entered_date = dates.date_day
    inner join windows
        on
            dates.fiscal_year = windows.fiscal_year
            and steps.from_stage = windows.from_stage
            and steps.to_stage = windows.to_stage
    left join counted as converted
        on
            entered.counting_unit = converted.counting_unit
            and entered.record_id = converted.record_id
            and entered.counting = converted.counting
            and steps.to_stage = converted.stage

),

final as (

    select
        counting_unit,
        from_stage,
        to_stage,
        counting,
        entered_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(count(*) as bigint) as entrants_count,
        cast(count(*) filter (where date_diff('day', entered_date, converted_date) <= window_days) as bigint) as converted_count,
        cast(count(converted_date) as bigint) as converted_to_date_count

    from paired
    group by counting_unit, from_stage, to_stage, counting, entered_date, rep_id, team_id, segment, channel, product

)

select * from final
