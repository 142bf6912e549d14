with

people as (

    select * from {{ ref('int_people__conformed') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

segments as (

    select * from {{ ref('segments') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

stages as (

    select * from {{ ref('int_person_stages__reached') }}

),

activity_people as (

    select * from {{ ref('fct_activity_people') }}

),

attempts as (

    select * from {{ ref('int_leads__first_attempted') }}

),

reached as (

    select
        contact_id,
        max(case when stage = 'lead' then rep_id end) as lead_rep_id,
        max(case when stage = 'lead' then reached_date end) as lead_date,
        max(case when stage = 'mql' then reached_date end) as mql_date,
        max(case when stage = 'sql' then reached_date end) as sql_date,
        max(case when stage = 'opportunity' then reached_date end) as opportunity_date,
        max(case when stage = 'demo' then reached_date end) as demo_date,
        max(case when stage = 'proposal' then reached_date end) as proposal_date,
        max(case when stage = 'won' then reached_date end) as won_date

    from stages
    group by contact_id

),

first_seen as (

    select
        contact_id,
        min(occurred_date) as first_activity_date

    from activity_people
    where is_past
    group by contact_id

),

final as (

    select
        people.contact_id,
        people.source_system,
        people.source_instance,
        people.account_id,
        -- whoever has the person today had nothing to do with how fast it was contacted
        coalesce(reached.lead_rep_id, people.rep_id, 'unallocated') as rep_id,
        coalesce(spells.team_id, 'unallocated') as team_id,
        coalesce(accounts.segment, {{ segment_of('people.employees_count', 'segments') }}, 'unknown') as segment,
        coalesce(people.channel, 'unknown') as channel,
        people.lead_at as created_at,
        {{ local_date('people.lead_at') }} as created_date,
        least({{ local_date('people.lead_at') }}, first_seen.first_activity_date) as first_known_date,
        attempts.first_attempt_at,
        attempts.is_active_before_record,
        attempts.speed_to_lead_minutes,
        reached.lead_date,
        reached.mql_date,
        reached.sql_date,
        reached.opportunity_date,
        reached.demo_date,
        reached.proposal_date,
        reached.won_date,
        people.exclusion_rule_id is not null as is_excluded,
        people.exclusion_rule_id,
        {{ public_fields('people.custom_fields') }} as custom_fields{{ promoted_columns('fct_leads', 'people.custom_fields') }}

    from people
    left join reached on people.contact_id = reached.contact_id
    left join first_seen on people.contact_id = first_seen.contact_id
    left join attempts on people.contact_id = attempts.contact_id
    left join accounts on people.account_id = accounts.account_id
    left join spells on {{ in_spell('spells', "coalesce(reached.lead_rep_id, people.rep_id, 'unallocated')", local_date('people.lead_at')) }}

)

select * from final
