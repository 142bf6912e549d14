with

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business' and status = 'won' and opportunity_amount > 0

),

quarters as (

    select * from {{ ref('dim_periods') }}
    where period_grain = 'quarter'

),

won as (

    select
        quarters.period_number as quarter_number,
        opportunities.owner_rep_id as rep_id,
        opportunities.team_id,
        opportunities.segment,
        opportunities.channel,
        opportunities.product,
        opportunities.opportunity_amount

    from opportunities
    inner join quarters on opportunities.close_date between quarters.period_start_date and quarters.period_end_date

),

scoped as (

    select
        quarter_number,
        {{ scope_columns() }},
        sum(opportunity_amount) as won_amount,
        count(*) as won_count

    from won
    group by {{ scope_grouping_sets(['quarter_number']) }}

),

final as (

    select
        quarters.period_number as last_quarter_number,
        scoped.scope_type,
        scoped.scope_id,
        cast(sum(scoped.won_count) as bigint) as won_count,
        cast(sum(scoped.won_amount) as double) / sum(scoped.won_count) as deal_size_amount

    from quarters
    inner join scoped on scoped.quarter_number between quarters.period_number - 3 and quarters.period_number
    group by quarters.period_number, scoped.scope_type, scoped.scope_id

)

select * from final
