with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

created as (

    select
        created_date as component_date,
        created_rep_id as rep_id,
        created_team_id as team_id,
        segment,
        channel,
        product,
        count(*) as opportunities_created

    from opportunities
    where opportunity_type = 'new_business'
    group by created_date, created_rep_id, created_team_id, segment, channel, product

),

judged as (

    select
        *,
        opportunity_type = 'new_business' as is_new_business,
        status = 'won' and opportunity_type <> 'renewal' and opportunity_amount > 0 as is_sale,
        -- a cycle that ends before it began is a fault of the data, not a short cycle
        status = 'won' and opportunity_type = 'new_business' and first_contact_date <= close_date as has_cycle,
        status = 'won' and opportunity_type = 'new_business' and created_date <= close_date as has_own_cycle

    from opportunities
    where status <> 'open'

),

closed as (

    select
        close_date as component_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        -- no decision counts as a loss: leaving it out turns a lost market into a good win rate
        sum(case when is_new_business then 1 else 0 end) as closed_opportunities,
        sum(case when is_new_business and status = 'won' then 1 else 0 end) as won_opportunities,
        sum(case when is_sale then opportunity_amount else 0 end) as won_amount,
        sum(case when is_sale then 1 else 0 end) as won_with_amount,
        sum(case when has_cycle then date_diff('day', first_contact_date, close_date) else 0 end) as sales_cycle_days_sum,
        sum(case when has_cycle then 1 else 0 end) as sales_cycle_deals,
        sum(case when has_own_cycle then date_diff('day', created_date, close_date) else 0 end) as opportunity_cycle_days_sum,
        sum(case when has_own_cycle then 1 else 0 end) as opportunity_cycle_deals,
        sum(case when is_sale and is_new_business then opportunity_amount else 0 end) as new_business_won_amount,
        sum(case when is_sale and is_new_business then 1 else 0 end) as new_business_won_with_amount

    from judged
    group by close_date, owner_rep_id, team_id, segment, channel, product

),

final as (
    {{ components_of('created', ['opportunities_created'], ['rep_id', 'team_id', 'segment', 'channel', 'product']) }}
    union all
    {{ components_of(
        'closed',
        [
            'closed_opportunities', 'won_opportunities', 'won_amount', 'won_with_amount', 'sales_cycle_days_sum',
            'sales_cycle_deals', 'opportunity_cycle_days_sum', 'opportunity_cycle_deals', 'new_business_won_amount',
            'new_business_won_with_amount'
        ],
        ['rep_id', 'team_id', 'segment', 'channel', 'product']
    ) }}

)

select * from final
