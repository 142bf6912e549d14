with

opportunities as (

    select * from {{ ref('int_opportunities__tracked') }}

),

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

changes as (

    select * from {{ ref('int_opportunity_changes__unioned') }}

),

spelled_owners as (

    select * from {{ ref('int_opportunity_owners__spelled') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

stages as (

    select * from {{ ref('int_source_stages__mapped') }}

),

events as (

    select opportunity_id, 'created' as field_name, created_at as event_at, 0 as event_order, cast(null as varchar) as source_stage, cast(null as varchar) as stage, cast(null as varchar) as rep_id, cast(null as decimal(18, 2)) as amount_local, cast(null as date) as close_date
    from opportunities
    union all
    select opportunity_id, 'stage' as field_name, entered_at as event_at, visit_position as event_order, source_stage, stage, null as rep_id, null as amount_local, null as close_date
    from visits
    union all
    select opportunity_id, 'owner' as field_name, owned_from as event_at, case when is_first then 0 else 1 end as event_order, null as source_stage, null as stage, rep_id, null as amount_local, null as close_date
    from spelled_owners
    union all
    select opportunity_id, field_name, changed_at as event_at, change_number as event_order, null as source_stage, null as stage, null as rep_id, amount_local, close_date
    from changes
    where field_name in ('amount', 'close_date')
    union all
    -- of a deal that was removed, stages and owners are what its changes tell
    select
        changes.opportunity_id,
        changes.field_name,
        changes.changed_at as event_at,
        changes.change_number as event_order,
        changes.source_stage,
        stages.stage,
        case when changes.field_name = 'owner' then coalesce(owners.rep_id, case when changes.owner_source_id is null then 'unallocated' else 'unknown' end) end as rep_id,
        null as amount_local,
        null as close_date
    from changes
    inner join opportunities on changes.opportunity_id = opportunities.opportunity_id
    left join owners on changes.owner_source_id = owners.owner_source_id
    left join stages
        on
            opportunities.source_instance = stages.source_instance
            and opportunities.pipeline = stages.pipeline
            and changes.source_stage = stages.source_stage
    where
        opportunities.removed_date is not null
        and (changes.field_name = 'owner' or (changes.field_name = 'stage' and stages.stage is not null))

),

placed as (

    select
        events.*,
        -- nothing happens to a deal before it is made
        greatest({{ local_date('events.event_at') }}, {{ local_date('opportunities.created_at') }}) as event_date

    from events
    inner join opportunities on events.opportunity_id = opportunities.opportunity_id

),

-- of each field the last word of the day
final as (

    select
        opportunity_id,
        field_name,
        event_date,
        source_stage,
        stage,
        rep_id,
        amount_local,
        close_date

    from placed
    qualify row_number() over (partition by opportunity_id, field_name, event_date order by event_at desc, event_order desc) = 1

)

select * from final
