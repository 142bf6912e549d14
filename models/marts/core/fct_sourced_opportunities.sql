with

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business'

),

qualifications as (

    select * from {{ ref('fct_qualifications') }}

),

-- who is known to close deals found this one alone; of a rep whose role nobody told it cannot be said
final as (

    select
        opportunities.opportunity_id,
        opportunities.contact_id,
        opportunities.created_date,
        qualifications.rep_id,
        qualifications.team_id,
        opportunities.segment,
        opportunities.channel,
        opportunities.product,
        opportunities.opportunity_amount

    from opportunities
    inner join qualifications on opportunities.contact_id = qualifications.contact_id
    where
        qualifications.sql_date <= opportunities.created_date
        and qualifications.role not in ('account_executive', 'account_manager')

)

select * from final
