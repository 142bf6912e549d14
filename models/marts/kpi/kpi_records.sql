with

leads as (

    select * from {{ ref('fct_leads') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

-- a person nobody has contacted yet is a record without a value: beyond all others
speeds as (

    select
        'speed_to_lead_minutes' as record_code,
        {{ local_date('created_at') }} as record_date,
        rep_id,
        team_id,
        segment,
        channel,
        'unknown' as product,
        speed_to_lead_minutes as record_value

    from leads
    where not is_excluded and not is_active_before_record

),

-- the same deals as in the means of `kpi_components_opportunities`
deal_sizes as (

    select
        'deal_size_amount' as record_code,
        close_date as record_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(opportunity_amount as double) as record_value

    from opportunities
    where status = 'won' and opportunity_type <> 'renewal' and opportunity_amount > 0

),

cycles as (

    select
        'sales_cycle_days' as record_code,
        close_date as record_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(date_diff('day', first_contact_date, close_date) as double) as record_value

    from opportunities
    where status = 'won' and opportunity_type = 'new_business' and first_contact_date <= close_date

),

own_cycles as (

    select
        'opportunity_cycle_days' as record_code,
        close_date as record_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(date_diff('day', created_date, close_date) as double) as record_value

    from opportunities
    where status = 'won' and opportunity_type = 'new_business' and created_date <= close_date

),

final as (

    select * from speeds
    union all
    select * from deal_sizes
    union all
    select * from cycles
    union all
    select * from own_cycles

)

select * from final
