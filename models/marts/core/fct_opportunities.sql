with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

credited as (

    select * from {{ ref('int_opportunities__credited') }}

),

contacted as (

    select * from {{ ref('int_opportunities__first_contacted') }}

),

stages as (

    select * from {{ ref('int_opportunity_stages__reached') }}

),

links as (

    select * from {{ ref('int_opportunity_people__linked') }}
    where is_credited

),

people as (

    select * from {{ ref('int_people__conformed') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

channels as (

    select * from {{ ref('channel_mapping') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

reached as (

    select
        opportunity_id,
        max(case when stage = 'opportunity' then reached_date end) as opportunity_date,
        max(case when stage = 'demo' then reached_date end) as demo_date,
        max(case when stage = 'proposal' then reached_date end) as proposal_date,
        max(case when stage = 'won' then reached_date end) as won_date,
        max(case when stage = 'opportunity' then rep_id end) as created_rep_id

    from stages
    group by opportunity_id

),

final as (

    select
        opportunities.opportunity_id,
        opportunities.source_system,
        opportunities.source_instance,
        opportunities.account_id,
        coalesce(accounts.root_account_id, opportunities.account_id) as root_account_id,
        links.contact_id,
        credited.owner_rep_id,
        owner_spells.team_id,
        reached.created_rep_id,
        created_spells.team_id as created_team_id,
        opportunities.pipeline,
        opportunities.source_stage,
        case when opportunities.status = 'open' then opportunities.stage else opportunities.status end as stage,
        opportunities.status,
        opportunities.opportunity_type,
        {{ in_reporting_currency('opportunities.amount_local', 'opportunities.currency_code', 'rates.rate') }} as opportunity_amount,
        opportunities.currency_code,
        opportunities.amount_local,
        opportunities.probability,
        opportunities.created_at,
        {{ local_date('opportunities.created_at') }} as created_date,
        credited.closed_at,
        opportunities.close_date,
        contacted.first_contact_date,
        contacted.is_inferred as is_first_contact_inferred,
        coalesce(people.channel, channels.channel, 'unknown') as channel,
        coalesce(accounts.segment, 'unknown') as segment,
        opportunities.product,
        opportunities.loss_reason,
        opportunities.win_reason,
        reached.opportunity_date,
        reached.demo_date,
        reached.proposal_date,
        reached.won_date,
        {{ public_fields('opportunities.custom_fields') }} as custom_fields{{ promoted_columns('fct_opportunities', 'opportunities.custom_fields') }}

    from opportunities
    cross join clocks
    left join credited on opportunities.opportunity_id = credited.opportunity_id
    left join reached on opportunities.opportunity_id = reached.opportunity_id
    left join contacted on opportunities.opportunity_id = contacted.opportunity_id
    left join links on opportunities.opportunity_id = links.opportunity_id
    left join people on links.contact_id = people.contact_id
    left join accounts on opportunities.account_id = accounts.account_id
    -- a closed deal belongs to the team its owner was in when it closed, an open one to the present one
    left join spells as owner_spells
        on {{ in_spell('owner_spells', 'credited.owner_rep_id', "case when opportunities.status <> 'open' then opportunities.close_date end") }}
    left join spells as created_spells
        on {{ in_spell('created_spells', 'reached.created_rep_id', local_date('opportunities.created_at')) }}
    left join channels
        on
            opportunities.source_system = channels.source_system
            and opportunities.source_value = channels.source_value
    -- closed deals at the rate of their close date, open ones at the present one
    left join rates
        on
            opportunities.currency_code = rates.currency_code
            and rates.rate_date = case when opportunities.status = 'open' then clocks.as_of_date else opportunities.close_date end

)

select * from final
