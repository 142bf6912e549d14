with

leads as (

    select * from {{ ref('fct_leads') }}
    where sql_date is not null

),

activity_people as (

    select * from {{ ref('fct_activity_people') }}
    where is_touch

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

-- who worked on the person as an SDR last, by the day it qualified; a person nobody worked on is its owner's
worked as (

    select
        leads.contact_id,
        activity_people.rep_id,
        row_number() over (
            partition by leads.contact_id
            order by activity_people.occurred_at desc, activity_people.activity_id desc
        ) as recency

    from leads
    inner join activity_people
        on
            leads.contact_id = activity_people.contact_id
            and leads.sql_date >= activity_people.occurred_date
    inner join reps on activity_people.rep_id = reps.rep_id
    where reps.role = 'sdr'

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
        leads.contact_id,
        leads.sql_date,
        coalesce(worked.rep_id, leads.rep_id) as rep_id,
        leads.segment,
        leads.channel,
        met.first_met_date

    from leads
    left join worked on leads.contact_id = worked.contact_id and worked.recency = 1
    left join met on leads.contact_id = met.contact_id

),

final as (

    select
        credited.contact_id,
        credited.sql_date,
        credited.rep_id,
        coalesce(reps.team_id, 'unknown') as team_id,
        coalesce(reps.role, 'unknown') as role,
        credited.segment,
        credited.channel,
        credited.first_met_date,
        -- qualified and met: from the day on which both are true
        case when credited.first_met_date is not null then greatest(credited.sql_date, credited.first_met_date) end
            as qualified_meeting_date

    from credited
    left join reps on credited.rep_id = reps.rep_id

)

select * from final
