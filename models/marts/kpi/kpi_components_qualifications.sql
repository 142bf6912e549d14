with

qualifications as (

    select * from {{ ref('fct_qualifications') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business'

),

qualified as (

    select
        sql_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        count(*) as sql_count,
        sum(case when qualified_meeting_date is not null then 1 else 0 end) as qualified_meetings

    from qualifications
    group by sql_date, rep_id, team_id, segment, channel

),

-- who is known to close deals found this one alone; of a rep whose role nobody told it cannot be said
sourced as (

    select
        opportunities.created_date as component_date,
        qualifications.rep_id,
        qualifications.team_id,
        opportunities.segment,
        opportunities.channel,
        opportunities.product,
        sum(opportunities.opportunity_amount) as pipeline_sourced_amount,
        sum(opportunities.opportunity_amount * opportunities.opportunity_amount) as pipeline_sourced_amount_squares,
        count(opportunities.opportunity_amount) as pipeline_sourced_amount_records

    from opportunities
    inner join qualifications on opportunities.contact_id = qualifications.contact_id
    where
        qualifications.sql_date <= opportunities.created_date
        and qualifications.role not in ('account_executive', 'account_manager')
    group by
        opportunities.created_date, qualifications.rep_id, qualifications.team_id, opportunities.segment,
        opportunities.channel, opportunities.product

),

final as (
    {{ components_of('qualified', ['sql_count', 'qualified_meetings'], ['rep_id', 'team_id', 'segment', 'channel']) }}
    union all
    {{ components_of(
        'sourced',
        ['pipeline_sourced_amount', 'pipeline_sourced_amount_squares', 'pipeline_sourced_amount_records'],
        ['rep_id', 'team_id', 'segment', 'channel', 'product']
    ) }}

)

select * from final
