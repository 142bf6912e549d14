with

entries as (

    select * from {{ ref('int_opportunity_entries__first') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}
    where counting_unit = 'opportunity'

),

owners as (

    select * from {{ ref('int_opportunity_owners__spelled') }}

),

-- reached: entered it or any later stage, whichever was first
reached as (

    select
        entries.opportunity_id,
        stages.stage,
        stages.position,
        min(entries.entered_at) as reached_at,
        min(entries.entered_date) as reached_date,
        min(case when entries.stage = stages.stage then entries.entered_date end) as own_date,
        min(case when entries.stage = stages.stage then entries.seen_date end) as seen_date,
        bool_or(entries.stage = stages.stage and entries.is_standing) as is_entered

    from entries
    inner join stages on entries.position >= stages.position
    group by entries.opportunity_id, stages.stage, stages.position
    having stages.stage <> 'won' or bool_or(entries.is_standing)

),

-- strict: seen in it and in all stages before it, in order
chained as (

    select
        *,
        lag(seen_date) over (partition by opportunity_id order by position) as previous_seen_date,
        bool_and(seen_date is not null) over (partition by opportunity_id order by position rows between unbounded preceding and current row) as is_seen_so_far

    from reached

),

ordered as (

    select
        *,
        is_seen_so_far
        and bool_and(previous_seen_date is null or seen_date >= previous_seen_date) over (partition by opportunity_id order by position rows between unbounded preceding and current row) as is_strict

    from chained

),

final as (

    select
        ordered.opportunity_id,
        ordered.stage,
        ordered.position,
        ordered.reached_at,
        ordered.reached_date,
        not ordered.is_entered as is_inferred,
        coalesce(ordered.own_date > ordered.reached_date, false) as is_repaired,
        case when ordered.is_strict then ordered.seen_date end as strict_date,
        coalesce(owners.rep_id, first_owners.rep_id, 'unallocated') as rep_id

    from ordered
    left join owners
        on
            ordered.opportunity_id = owners.opportunity_id
            and ordered.reached_at >= owners.owned_from
            and (owners.owned_to is null or ordered.reached_at < owners.owned_to)
    left join owners as first_owners
        on
            ordered.opportunity_id = first_owners.opportunity_id
            and first_owners.is_first

)

select * from final
