with

fct_activities as (

    select * from {{ ref('fct_activities') }}

),

fct_bookings as (

    select * from {{ ref('fct_bookings') }}

),

fct_invoices as (

    select * from {{ ref('fct_invoices') }}

),

fct_leads as (

    select * from {{ ref('fct_leads') }}

),

fct_new_customers as (

    select * from {{ ref('fct_new_customers') }}

),

fct_opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

fct_payments as (

    select * from {{ ref('fct_payments') }}

),

fct_stage_entries as (

    select * from {{ ref('fct_stage_entries') }}

),

fct_subscriptions_monthly as (

    select * from {{ ref('fct_subscriptions_monthly') }}

),

members as (

    select 'fct_activities' as fact, 'rep' as dimension, rep_id as member, count(*) as rows_count from fct_activities group by rep_id
    union all
    select 'fct_activities' as fact, 'team' as dimension, team_id as member, count(*) as rows_count from fct_activities group by team_id
    union all
    select 'fct_bookings' as fact, 'rep' as dimension, rep_id as member, count(*) as rows_count from fct_bookings group by rep_id
    union all
    select 'fct_bookings' as fact, 'team' as dimension, team_id as member, count(*) as rows_count from fct_bookings group by team_id
    union all
    select 'fct_bookings' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_bookings group by account_id
    union all
    select 'fct_bookings' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_bookings group by segment
    union all
    select 'fct_bookings' as fact, 'channel' as dimension, channel as member, count(*) as rows_count from fct_bookings group by channel
    union all
    select 'fct_bookings' as fact, 'product' as dimension, product as member, count(*) as rows_count from fct_bookings group by product
    union all
    select 'fct_invoices' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_invoices group by account_id
    union all
    select 'fct_invoices' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_invoices group by segment
    union all
    select 'fct_leads' as fact, 'rep' as dimension, rep_id as member, count(*) as rows_count from fct_leads group by rep_id
    union all
    select 'fct_leads' as fact, 'team' as dimension, team_id as member, count(*) as rows_count from fct_leads group by team_id
    union all
    select 'fct_leads' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_leads group by account_id
    union all
    select 'fct_leads' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_leads group by segment
    union all
    select 'fct_leads' as fact, 'channel' as dimension, channel as member, count(*) as rows_count from fct_leads group by channel
    union all
    select 'fct_new_customers' as fact, 'rep' as dimension, rep_id as member, count(*) as rows_count from fct_new_customers group by rep_id
    union all
    select 'fct_new_customers' as fact, 'team' as dimension, team_id as member, count(*) as rows_count from fct_new_customers group by team_id
    union all
    select 'fct_new_customers' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_new_customers group by account_id
    union all
    select 'fct_new_customers' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_new_customers group by segment
    union all
    select 'fct_new_customers' as fact, 'channel' as dimension, channel as member, count(*) as rows_count from fct_new_customers group by channel
    union all
    select 'fct_new_customers' as fact, 'product' as dimension, product as member, count(*) as rows_count from fct_new_customers group by product
    union all
    select 'fct_opportunities' as fact, 'rep' as dimension, owner_rep_id as member, count(*) as rows_count from fct_opportunities group by owner_rep_id
    union all
    select 'fct_opportunities' as fact, 'team' as dimension, team_id as member, count(*) as rows_count from fct_opportunities group by team_id
    union all
    select 'fct_opportunities' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_opportunities group by account_id
    union all
    select 'fct_opportunities' as fact, 'contact' as dimension, contact_id as member, count(*) as rows_count from fct_opportunities group by contact_id
    union all
    select 'fct_opportunities' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_opportunities group by segment
    union all
    select 'fct_opportunities' as fact, 'channel' as dimension, channel as member, count(*) as rows_count from fct_opportunities group by channel
    union all
    select 'fct_opportunities' as fact, 'product' as dimension, product as member, count(*) as rows_count from fct_opportunities group by product
    union all
    select 'fct_payments' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_payments group by account_id
    union all
    select 'fct_stage_entries' as fact, 'rep' as dimension, rep_id as member, count(*) as rows_count from fct_stage_entries group by rep_id
    union all
    select 'fct_stage_entries' as fact, 'team' as dimension, team_id as member, count(*) as rows_count from fct_stage_entries group by team_id
    union all
    select 'fct_stage_entries' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_stage_entries group by segment
    union all
    select 'fct_stage_entries' as fact, 'channel' as dimension, channel as member, count(*) as rows_count from fct_stage_entries group by channel
    union all
    select 'fct_stage_entries' as fact, 'product' as dimension, product as member, count(*) as rows_count from fct_stage_entries group by product
    union all
    select 'fct_subscriptions_monthly' as fact, 'account' as dimension, account_id as member, count(*) as rows_count from fct_subscriptions_monthly group by account_id
    union all
    select 'fct_subscriptions_monthly' as fact, 'segment' as dimension, segment as member, count(*) as rows_count from fct_subscriptions_monthly group by segment

),

final as (

    select
        fact,
        dimension,
        cast(sum(rows_count) as bigint) as rows_count,
        cast(coalesce(sum(case when coalesce(member, 'unknown') = 'unknown' then rows_count end), 0) as bigint) as unknown_count,
        cast(coalesce(sum(case when member = 'unallocated' then rows_count end), 0) as bigint) as unallocated_count,
        cast(coalesce(sum(case when coalesce(member, 'unknown') in ('unknown', 'unallocated') then rows_count end), 0) as double)
        / sum(rows_count) as unknown_rate

    from members
    group by fact, dimension

)

select * from final
