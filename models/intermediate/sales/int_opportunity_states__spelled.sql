with

events as (

    select * from {{ ref('int_opportunity_events__dated') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

removed as (

    select * from {{ ref('int_opportunities__removed') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

subjects as (

    select opportunity_id, amount_local, close_date, 'unallocated' as rep_id, 'opportunity' as stage, cast(null as date) as removed_date
    from opportunities
    union all
    select
        removed.opportunity_id,
        removed.amount_local,
        removed.close_date,
        coalesce(owners.rep_id, case when removed.owner_source_id is null then 'unallocated' else 'unknown' end) as rep_id,
        removed.stage,
        removed.removed_date
    from removed
    left join owners on removed.owner_source_id = owners.owner_source_id

),

days as (

    select
        opportunity_id,
        event_date,
        max(stage) as stage,
        max(rep_id) as rep_id,
        max(amount_local) as amount_local,
        max(close_date) as close_date,
        max(case when field_name = 'stage' then 1 else 0 end) as stages_count,
        max(case when field_name = 'owner' then 1 else 0 end) as owners_count,
        max(case when field_name = 'amount' then 1 else 0 end) as amounts_count,
        max(case when field_name = 'close_date' then 1 else 0 end) as close_dates_count

    from events
    group by opportunity_id, event_date

),

-- a value holds until the next one is told, and the first one from the beginning
numbered as (

    select
        *,
        sum(stages_count) over in_order as stage_number,
        greatest(sum(owners_count) over in_order, 1) as owner_number,
        greatest(sum(amounts_count) over in_order, 1) as amount_number,
        greatest(sum(close_dates_count) over in_order, 1) as close_date_number,
        sum(amounts_count) over in_total as all_amounts_count,
        sum(close_dates_count) over in_total as all_close_dates_count

    from days
    window
        in_order as (partition by opportunity_id order by event_date rows unbounded preceding),
        in_total as (partition by opportunity_id)

),

told as (

    select
        numbered.opportunity_id,
        numbered.event_date,
        max(numbered.stage) over (partition by numbered.opportunity_id, numbered.stage_number) as told_stage,
        max(case when numbered.stage_number = 1 then numbered.stage end) over (partition by numbered.opportunity_id) as first_stage,
        coalesce(max(numbered.rep_id) over (partition by numbered.opportunity_id, numbered.owner_number), subjects.rep_id) as rep_id,
        case
            when numbered.all_amounts_count = 0 then subjects.amount_local
            else max(numbered.amount_local) over (partition by numbered.opportunity_id, numbered.amount_number)
        end as amount_local,
        case
            when numbered.all_close_dates_count = 0 then subjects.close_date
            else max(numbered.close_date) over (partition by numbered.opportunity_id, numbered.close_date_number)
        end as close_date,
        subjects.stage as present_stage,
        subjects.removed_date

    from numbered
    inner join subjects on numbered.opportunity_id = subjects.opportunity_id

),

-- what is first told of a deal's way may be its end: it was in the first stage until then
staged as (

    select
        *,
        coalesce(
            told_stage,
            case when first_stage in ('won', 'lost', 'no_decision') then 'opportunity' else first_stage end,
            present_stage
        ) as stage

    from told

),

spelled as (

    select
        *,
        case when stage in ('won', 'lost', 'no_decision') then stage else 'open' end as status,
        lead(event_date) over (partition by opportunity_id order by event_date) - 1 as to_date

    from staged

),

final as (

    select
        opportunity_id,
        event_date as from_date,
        least(to_date, removed_date - 1) as to_date,
        stage,
        status,
        rep_id,
        amount_local,
        close_date

    from spelled
    where removed_date is null or event_date < removed_date

)

select * from final
