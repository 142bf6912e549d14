with

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business' and status = 'won' and opportunity_amount > 0

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain = 'quarter'

),

quarters as (

    select
        period_start_date,
        period_end_date,
        row_number() over (order by period_start_date) as quarter_number

    from periods

),

won as (

    select
        quarters.quarter_number,
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
        cast(quarters.quarter_number as bigint) as last_quarter_number,
        scoped.scope_type,
        scoped.scope_id,
        cast(sum(scoped.won_count) as bigint) as won_count,
        cast(sum(scoped.won_amount) as double) / sum(scoped.won_count) as deal_size_amount

    from quarters
    inner join scoped on scoped.quarter_number between quarters.quarter_number - 3 and quarters.quarter_number
    group by quarters.quarter_number, scoped.scope_type, scoped.scope_id

)

select * from final
