with

steps as (

    select * from {{ ref('funnel_steps_daily') }}
    where counting = 'reached'

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business' and status <> 'open'

),

stepped as (

    select
        from_stage || '_to_' || to_stage as step_code,
        entered_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        entrants_count,
        converted_count

    from steps

),

closed as (

    select
        close_date as component_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        count(*) as closed_opportunities,
        -- no decision counts as a loss: leaving it out turns a lost market into a good win rate
        sum(case when status = 'won' then 1 else 0 end) as won_opportunities

    from opportunities
    group by close_date, owner_rep_id, team_id, segment, channel, product

),

unioned as (

    select step_code || '_entrants' as component_code, component_date, rep_id, team_id, segment, channel, product, entrants_count as component_value from stepped
    union all
    select step_code || '_converted' as component_code, component_date, rep_id, team_id, segment, channel, product, converted_count as component_value from stepped
    union all
    select 'closed_opportunities' as component_code, component_date, rep_id, team_id, segment, channel, product, closed_opportunities as component_value from closed
    union all
    select 'won_opportunities' as component_code, component_date, rep_id, team_id, segment, channel, product, won_opportunities as component_value from closed

),

final as (

    select
        component_code,
        component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(component_value as decimal(24, 6)) as component_value

    from unioned
    where component_value <> 0 and component_date is not null

)

select * from final
