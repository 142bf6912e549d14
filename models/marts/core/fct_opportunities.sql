with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

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

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

channels as (

    select * from {{ ref('channel_mapping') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

stages as (

    select * from {{ ref('int_opportunity_stages__reached') }}

),

owners as (

    select * from {{ ref('int_opportunity_owners__spelled') }}

),

visits as (

    select * from {{ ref('int_stage_visits__derived') }}

),

contacted as (

    select * from {{ ref('int_opportunities__first_contacted') }}

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

closings as (

    select
        opportunity_id,
        max(entered_at) as closed_at

    from visits
    where stage in ('won', 'lost', 'no_decision')
    group by opportunity_id

),

owned as (

    select
        opportunity_id,
        max_by(rep_id, owned_from) as present_rep_id

    from owners
    group by opportunity_id

),

closed_by as (

    select
        closings.opportunity_id,
        max_by(owners.rep_id, owners.owned_from) as rep_id

    from closings
    inner join owners
        on
            closings.opportunity_id = owners.opportunity_id
            and closings.closed_at >= owners.owned_from
    group by closings.opportunity_id

),

dated as (

    select
        opportunities.*,
        case when opportunities.status <> 'open' then closings.closed_at end as closing_at,
        -- closed deals at the rate of their close date, open ones at the present one
        case when opportunities.status <> 'open' then opportunities.close_date else clocks.as_of_date end as rate_date,
        {{ local_date('opportunities.created_at') }} as created_date

    from opportunities
    cross join clocks
    left join closings on opportunities.opportunity_id = closings.opportunity_id

),

final as (

    select
        dated.opportunity_id,
        dated.source_system,
        dated.source_instance,
        dated.account_id,
        coalesce(accounts.root_account_id, dated.account_id) as root_account_id,
        links.contact_id,
        case when dated.status = 'open' then owned.present_rep_id else coalesce(closed_by.rep_id, owned.present_rep_id) end as owner_rep_id,
        owner_reps.team_id,
        reached.created_rep_id,
        created_reps.team_id as created_team_id,
        dated.pipeline,
        dated.source_stage,
        case when dated.status = 'open' then dated.stage else dated.status end as stage,
        dated.status,
        dated.opportunity_type,
        cast(case
            when dated.currency_code = '{{ var("reporting_currency") }}' then dated.amount_local
            else dated.amount_local * rates.rate
        end as decimal(18, 2)) as opportunity_amount,
        dated.currency_code,
        dated.amount_local,
        dated.probability,
        dated.created_at,
        dated.created_date,
        dated.closing_at as closed_at,
        dated.close_date,
        contacted.first_contact_date,
        contacted.is_inferred as is_first_contact_inferred,
        coalesce(people.channel, channels.channel, 'unknown') as channel,
        coalesce(accounts.segment, 'unknown') as segment,
        dated.product,
        dated.loss_reason,
        reached.opportunity_date,
        reached.demo_date,
        reached.proposal_date,
        reached.won_date,
        {{ public_fields('dated.custom_fields') }} as custom_fields

    from dated
    left join reached on dated.opportunity_id = reached.opportunity_id
    left join owned on dated.opportunity_id = owned.opportunity_id
    left join closed_by on dated.opportunity_id = closed_by.opportunity_id
    left join links on dated.opportunity_id = links.opportunity_id
    left join people on links.contact_id = people.contact_id
    left join accounts on dated.account_id = accounts.account_id
    left join contacted on dated.opportunity_id = contacted.opportunity_id
    left join channels
        on
            dated.source_system = channels.source_system
            and dated.source_value = channels.source_value
    left join rates
        on
            dated.currency_code = rates.currency_code
            and date_trunc('month', dated.rate_date) = rates.month_date
    left join reps as owner_reps
        on case when dated.status = 'open' then owned.present_rep_id else coalesce(closed_by.rep_id, owned.present_rep_id) end = owner_reps.rep_id
    left join reps as created_reps on reached.created_rep_id = created_reps.rep_id

)

select * from final
