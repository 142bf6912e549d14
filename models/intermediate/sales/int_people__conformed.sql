with

people as (

    select * from {{ ref('int_people__unioned') }}

),

identified as (

    select * from {{ ref('int_people__identified') }}

),

stages as (

    select * from {{ ref('int_person_stages__dated') }}

),

accounts as (

    select * from {{ ref('int_accounts__identified') }}

),

domains as (

    select * from {{ ref('int_account_domains__unique') }}

),

free_mail as (

    select * from {{ ref('free_mail_domains') }}

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

channels as (

    select * from {{ ref('channel_mapping') }}

),

excluded as (

    select * from {{ ref('int_people__excluded') }}

),

records as (

    select
        identified.contact_id,
        people.*,
        stages.mql_at as dated_mql_at,
        stages.sql_at as dated_sql_at,
        coalesce(accounts.account_id, by_website.account_id, by_email.account_id) as account_id,
        case when people.owner_source_id is not null then coalesce(owners.rep_id, 'unknown') end as rep_id,
        case when people.source_system = 'prospecting' then 'outbound' else channels.channel end as channel,
        excluded.exclusion_rule_id,
        row_number() over (
            partition by identified.contact_id
            order by case when people.person_kind = 'prospect' then 1 else 0 end, people.created_at, people.person_source_id
        ) as record_rank

    from people
    inner join identified on people.person_source_id = identified.person_source_id
    left join stages on people.person_source_id = stages.person_source_id
    left join accounts on people.account_source_id = accounts.account_source_id
    left join domains as by_website on people.company_domain = by_website.company_domain
    left join free_mail on people.email_domain = free_mail.domain
    left join domains as by_email on case when free_mail.domain is null then people.email_domain end = by_email.company_domain
    left join owners on people.owner_source_id = owners.owner_source_id
    left join channels
        on
            people.source_system = channels.source_system
            and people.source_value = channels.source_value
    left join excluded on people.person_source_id = excluded.person_source_id
    where not people.is_deleted

),

-- of several records the CRM's first one speaks, and the next ones where it is silent
final as (

    select
        contact_id,
        min(created_at) as lead_at,
        min(dated_mql_at) as mql_at,
        min(dated_sql_at) as sql_at,
        min_by(account_id, record_rank) filter (where account_id is not null) as account_id,
        min_by(rep_id, record_rank) filter (where rep_id is not null) as rep_id,
        min_by(channel, record_rank) filter (where channel is not null) as channel,
        min_by(job_title, record_rank) filter (where job_title is not null) as job_title,
        min_by(employees_count, record_rank) filter (where employees_count is not null) as employees_count,
        min_by(person_email, record_rank) filter (where person_email is not null) as person_email,
        min_by(source_system, record_rank) as source_system,
        min_by(source_instance, record_rank) as source_instance,
        {{ merged_json('custom_fields', 'record_rank') }} as custom_fields,
        cast(count(*) as bigint) as records_count,
        min(exclusion_rule_id) as exclusion_rule_id

    from records
    group by contact_id

)

select * from final
