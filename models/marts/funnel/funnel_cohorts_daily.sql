with

entries as (

    select * from {{ ref('funnel_entries') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where contact_id is null

),

cohorts as (

    select
        cohort_stages.stage as cohort_stage,
        reached_stages.stage,
        entered.counting,
        entered.counting_unit,
        entered.entered_date,
        entered.rep_id,
        entered.team_id,
        entered.segment,
        entered.channel,
        entered.product,
        1 as reached_count,
        0 as without_lead_count

    from entries as entered
    inner join stages as cohort_stages
        on
            entered.stage = cohort_stages.stage
            and entered.counting_unit = cohort_stages.counting_unit
    inner join entries as reached
        on
            entered.counting_unit = reached.counting_unit
            and entered.record_id = reached.record_id
            and entered.counting = reached.counting
    inner join stages as reached_stages
        on
            reached.stage = reached_stages.stage
            and cohort_stages.position <= reached_stages.position

),

-- opportunities that nobody is known to have come with: in no person's rate, so they are counted beside it
unled as (

    select
        cohort_stages.stage as cohort_stage,
        reached.stage,
        created.counting,
        'person' as counting_unit,
        created.entered_date,
        created.rep_id,
        created.team_id,
        created.segment,
        created.channel,
        created.product,
        0 as reached_count,
        1 as without_lead_count

    from entries as created
    inner join opportunities on created.record_id = opportunities.opportunity_id
    inner join entries as reached
        on
            created.counting_unit = reached.counting_unit
            and created.record_id = reached.record_id
            and created.counting = reached.counting
    cross join stages as cohort_stages
    where
        created.counting_unit = 'opportunity'
        and created.stage = 'opportunity'
        and cohort_stages.counting_unit = 'person'

),

unioned as (

    select * from cohorts
    union all
    select * from unled

),

final as (

    select
        cohort_stage,
        stage,
        counting,
        counting_unit,
        entered_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(sum(reached_count) as bigint) as reached_count,
        cast(sum(without_lead_count) as bigint) as without_lead_count

    from unioned
    group by cohort_stage, stage, counting, counting_unit, entered_date, rep_id, team_id, segment, channel, product

)

select * from final
