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
    {{ counted_members([
        ('fct_activities', 'rep', 'rep_id'),
        ('fct_activities', 'team', 'team_id'),
        ('fct_bookings', 'rep', 'rep_id'),
        ('fct_bookings', 'team', 'team_id'),
        ('fct_bookings', 'account', 'account_id'),
        ('fct_bookings', 'segment', 'segment'),
        ('fct_bookings', 'channel', 'channel'),
        ('fct_bookings', 'product', 'product'),
        ('fct_invoices', 'account', 'account_id'),
        ('fct_invoices', 'segment', 'segment'),
        ('fct_leads', 'rep', 'rep_id'),
        ('fct_leads', 'team', 'team_id'),
        ('fct_leads', 'account', 'account_id'),
        ('fct_leads', 'segment', 'segment'),
        ('fct_leads', 'channel', 'channel'),
        ('fct_new_customers', 'rep', 'rep_id'),
        ('fct_new_customers', 'team', 'team_id'),
        ('fct_new_customers', 'account', 'account_id'),
        ('fct_new_customers', 'segment', 'segment'),
        ('fct_new_customers', 'channel', 'channel'),
        ('fct_new_customers', 'product', 'product'),
        ('fct_opportunities', 'rep', 'owner_rep_id'),
        ('fct_opportunities', 'team', 'team_id'),
        ('fct_opportunities', 'account', 'account_id'),
        ('fct_opportunities', 'contact', 'contact_id'),
        ('fct_opportunities', 'segment', 'segment'),
        ('fct_opportunities', 'channel', 'channel'),
        ('fct_opportunities', 'product', 'product'),
        ('fct_payments', 'account', 'account_id'),
        ('fct_stage_entries', 'rep', 'rep_id'),
        ('fct_stage_entries', 'team', 'team_id'),
        ('fct_stage_entries', 'segment', 'segment'),
        ('fct_stage_entries', 'channel', 'channel'),
        ('fct_subscriptions_monthly', 'account', 'account_id'),
        ('fct_subscriptions_monthly', 'segment', 'segment')
    ]) }}

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
