with

entries as (

    select * from {{ ref('fct_stage_entries') }}
    where counting_unit = 'person' and stage = 'sql'

),

activity_people as (

    select * from {{ ref('fct_activity_people') }}
    where is_touch

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

-- who worked on the person as an SDR last, by the day it qualified; a person nobody worked on is its owner's
worked as (

    select
        entries.record_id as contact_id,
        activity_people.rep_id,
        row_number() over (
            partition by entries.record_id
            order by activity_people.occurred_at desc, activity_people.activity_id desc
        ) as recency

    from entries
    inner join activity_people
        on
            entries.record_id = activity_people.contact_id
            and entries.reached_date >= activity_people.occurred_date
    inner join spells on {{ in_spell('spells', 'activity_people.rep_id', 'activity_people.occurred_date') }}
    where spells.role = 'sdr'

),

met as (

    select
        contact_id,
        min(occurred_date) as first_met_date

    from activity_people
    where activity_type = 'meeting'
    group by contact_id

),

credited as (

    select
        entries.record_id as contact_id,
        entries.reached_date as sql_date,
        coalesce(worked.rep_id, entries.rep_id) as rep_id,
        -- who was an SDR when it worked on the person qualified it as one, whatever it has become since
        case when worked.rep_id is not null then 'sdr' end as worked_role,
        entries.segment,
        entries.channel,
        met.first_met_date

    from entries
    left join worked on entries.record_id = worked.contact_id and worked.recency = 1
    left join met on entries.record_id = met.contact_id

),

final as (

    select
        credited.contact_id,
        credited.sql_date,
        credited.rep_id,
        coalesce(spells.team_id, 'unknown') as team_id,
        coalesce(credited.worked_role, spells.role, 'unknown') as role,
        credited.segment,
        credited.channel,
        credited.first_met_date,
        -- qualified and met: from the day on which both are true
        case when credited.first_met_date is not null then greatest(credited.sql_date, credited.first_met_date) end
            as qualified_meeting_date

    from credited
    left join spells on {{ in_spell('spells', 'credited.rep_id', 'credited.sql_date') }}

)

select * from final
