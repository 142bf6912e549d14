with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

links as (

    select * from {{ ref('int_opportunity_people__linked') }}

),

people as (

    select * from {{ ref('int_people__conformed') }}

),

contacts as (

    select * from {{ ref('int_people_contacts__dated') }}

),

-- what was said before the account's previous deal closed belongs to that deal. A deal began no later than it closed, so that
-- neither its own closing nor a later one is its previous one, however late it was entered
previous as (

    select
        opportunities.opportunity_id,
        max(earlier.close_date) as close_date

    from opportunities
    inner join opportunities as earlier
        on
            opportunities.account_id = earlier.account_id
            and earlier.status <> 'open'
            and earlier.close_date < least(
                {{ local_date('opportunities.created_at') }},
                case when opportunities.status <> 'open' then opportunities.close_date end
            )
    group by opportunities.opportunity_id

),

touched as (

    select
        opportunities.opportunity_id,
        min(contacts.contacted_date) as contacted_date

    from opportunities
    inner join links on opportunities.opportunity_id = links.opportunity_id
    inner join people on links.contact_id = people.contact_id
    inner join contacts on links.contact_id = contacts.contact_id
    left join previous on opportunities.opportunity_id = previous.opportunity_id
    where
        people.exclusion_rule_id is null
        and (previous.close_date is null or contacts.contacted_date > previous.close_date)
        and (opportunities.status = 'open' or contacts.contacted_date <= opportunities.close_date)
    group by opportunities.opportunity_id

),

credited as (

    select
        links.opportunity_id,
        {{ local_date('people.lead_at') }} as lead_date

    from links
    inner join people on links.contact_id = people.contact_id
    where links.is_credited

),

final as (

    select
        opportunities.opportunity_id,
        coalesce(
            {{ local_date('opportunities.first_contact_at') }},
            touched.contacted_date,
            least(
                {{ local_date('opportunities.created_at') }},
                case
                    when previous.close_date is null or credited.lead_date > previous.close_date
                        then coalesce(credited.lead_date, {{ local_date('opportunities.created_at') }})
                    else {{ local_date('opportunities.created_at') }}
                end
            )
        ) as first_contact_date,
        opportunities.first_contact_at is null and touched.contacted_date is null as is_inferred

    from opportunities
    left join touched on opportunities.opportunity_id = touched.opportunity_id
    left join credited on opportunities.opportunity_id = credited.opportunity_id
    left join previous on opportunities.opportunity_id = previous.opportunity_id

)

select * from final
