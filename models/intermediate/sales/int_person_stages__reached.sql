with

people as (

    select * from {{ ref('int_people__conformed') }}
    where exclusion_rule_id is null

),

links as (

    select * from {{ ref('int_opportunity_people__linked') }}
    where is_credited

),

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}
    where opportunity_type = 'new_business'

),

opportunity_stages as (

    select * from {{ ref('int_opportunity_stages__reached') }}

),

stages as (

    select * from {{ ref('funnel_stages') }}
    where counting_unit in ('person', 'opportunity')

),

credited as (

    select
        links.contact_id,
        opportunity_stages.stage,
        min(opportunity_stages.reached_date) as entered_date,
        min(opportunity_stages.strict_date) as seen_date

    from links
    inner join opportunities on links.opportunity_id = opportunities.opportunity_id
    inner join opportunity_stages on links.opportunity_id = opportunity_stages.opportunity_id
    group by links.contact_id, opportunity_stages.stage

),

entries as (

    select contact_id, 'lead' as stage, {{ local_date('lead_at') }} as entered_date, {{ local_date('lead_at') }} as seen_date from people where lead_at is not null
    union all
    select contact_id, 'mql' as stage, {{ local_date('mql_at') }} as entered_date, {{ local_date('mql_at') }} as seen_date from people where mql_at is not null
    union all
    select contact_id, 'sql' as stage, {{ local_date('sql_at') }} as entered_date, {{ local_date('sql_at') }} as seen_date from people where sql_at is not null
    union all
    select credited.contact_id, credited.stage, credited.entered_date, credited.seen_date
    from credited
    inner join people on credited.contact_id = people.contact_id

),

positioned as (

    select
        entries.*,
        stages.position

    from entries
    inner join stages on entries.stage = stages.stage

),

reached as (

    select
        positioned.contact_id,
        stages.stage,
        stages.position,
        min(positioned.entered_date) as reached_date,
        min(case when positioned.stage = stages.stage then positioned.entered_date end) as own_date,
        min(case when positioned.stage = stages.stage then positioned.seen_date end) as seen_date

    from positioned
    inner join stages on positioned.position >= stages.position
    group by positioned.contact_id, stages.stage, stages.position

),

chained as (

    select
        *,
        lag(seen_date) over (partition by contact_id order by position) as previous_seen_date,
        bool_and(seen_date is not null) over (partition by contact_id order by position rows between unbounded preceding and current row) as is_seen_so_far

    from reached

),

ordered as (

    select
        *,
        is_seen_so_far
        and bool_and(previous_seen_date is null or seen_date >= previous_seen_date) over (partition by contact_id order by position rows between unbounded preceding and current row) as is_strict

    from chained

),

final as (

    select
        ordered.contact_id,
        ordered.stage,
        ordered.position,
        ordered.reached_date,
        ordered.own_date is null as is_inferred,
        coalesce(ordered.own_date > ordered.reached_date, false) as is_repaired,
        case when ordered.is_strict then ordered.seen_date end as strict_date,
        coalesce(people.rep_id, 'unallocated') as rep_id

    from ordered
    inner join people on ordered.contact_id = people.contact_id

)

select * from final
