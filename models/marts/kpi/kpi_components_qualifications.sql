with

qualifications as (

    select * from {{ ref('fct_qualifications') }}

),

sourced_opportunities as (

    select * from {{ ref('fct_sourced_opportunities') }}

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

sourced as (

    select
        created_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        sum(opportunity_amount) as pipeline_sourced_amount,
        sum(opportunity_amount * opportunity_amount) as pipeline_sourced_amount_squares,
        count(opportunity_amount) as pipeline_sourced_amount_records

    from sourced_opportunities
    group by created_date, rep_id, team_id, segment, channel, product

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
