with

events as (

    select * from {{ ref('int_opportunity_events__dated') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__tracked') }}

),

days as (

    select
        opportunity_id,
        event_date,
        max(source_stage) as source_stage,
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
        sum(stages_count) over in_total as all_stages_count,
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
        case
            when numbered.all_stages_count = 0 then opportunities.source_stage
            else max(numbered.source_stage) over (partition by numbered.opportunity_id, numbered.stage_number)
        end as source_stage,
        max(numbered.stage) over (partition by numbered.opportunity_id, numbered.stage_number) as told_stage,
        max(case when numbered.stage_number = 1 then numbered.stage end) over (partition by numbered.opportunity_id) as first_stage,
        coalesce(max(numbered.rep_id) over (partition by numbered.opportunity_id, numbered.owner_number), opportunities.rep_id) as rep_id,
        case
            when numbered.all_amounts_count = 0 then opportunities.amount_local
            else max(numbered.amount_local) over (partition by numbered.opportunity_id, numbered.amount_number)
        end as amount_local,
        case
            when numbered.all_close_dates_count = 0 then opportunities.close_date
            else max(numbered.close_date) over (partition by numbered.opportunity_id, numbered.close_date_number)
        end as close_date,
        opportunities.stage as present_stage,
        opportunities.removed_date

    from numbered
    inner join opportunities on numbered.opportunity_id = opportunities.opportunity_id

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
        source_stage,
        stage,
        status,
        rep_id,
        amount_local,
        close_date

    from spelled
    where removed_date is null or event_date < removed_date

)

select * from final
