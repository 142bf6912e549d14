with

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

rep_spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

segments as (

    select * from {{ ref('segments') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

-- a team that nobody is in any more has figures of its time
teams as (

    select team_id from reps
    union all
    select team_id from rep_spells

),

members as (

    select 'company' as scope_type, 'all' as scope_id, 'Whole company' as scope_name_en, 'Toute l''entreprise' as scope_name_fr
    union all
    select 'team' as scope_type, team_id as scope_id, team_id as scope_name_en, team_id as scope_name_fr
    from teams
    group by team_id
    union all
    select 'rep' as scope_type, rep_id as scope_id, rep_name as scope_name_en, rep_name as scope_name_fr
    from reps
    union all
    select 'segment' as scope_type, segment as scope_id, label_en as scope_name_en, label_fr as scope_name_fr
    from segments
    union all
    select 'segment' as scope_type, 'unknown' as scope_id, 'unknown' as scope_name_en, 'unknown' as scope_name_fr
    union all
    select 'segment' as scope_type, 'unallocated' as scope_id, 'unallocated' as scope_name_en, 'unallocated' as scope_name_fr
    union all
    select 'channel' as scope_type, channel as scope_id, label_en as scope_name_en, label_fr as scope_name_fr
    from channels
    union all
    select 'product' as scope_type, product as scope_id, product as scope_name_en, product as scope_name_fr
    from products

),

final as (

    select
        scope_type,
        scope_id,
        case scope_id when 'unknown' then 'Unknown' when 'unallocated' then 'Unallocated' else scope_name_en end as scope_name_en,
        case scope_id when 'unknown' then 'Inconnu' when 'unallocated' then 'Non affecté' else scope_name_fr end as scope_name_fr

    from members

)

select * from final
