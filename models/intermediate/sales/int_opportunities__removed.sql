with

deliveries as (

    select * from {{ ref('int_opportunity_deliveries__unioned') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__unioned') }}

),

present as (

    select * from {{ ref('int_opportunities__conformed') }}

),

stages as (

    select * from {{ ref('int_source_stages__mapped') }}

),

accounts as (

    select * from {{ ref('int_accounts__identified') }}

),

domains as (

    select * from {{ ref('int_account_domains__unique') }}

),

types as (

    select * from {{ ref('opportunity_types') }}

),

-- a deal that stands in the newest delivery has no next one yet
last_seen as (

    select
        opportunity_id,
        max(next_covered_date) as removed_date

    from deliveries
    group by opportunity_id
    having count(*) filter (where next_covered_date is null) = 0

),

first_wins as (

    select
        account_id,
        min(close_date) as first_win_date

    from present
    where status = 'won' and account_id is not null
    group by account_id

),

resolved as (

    select
        opportunities.*,
        coalesce(accounts.account_id, domains.account_id) as account_id,
        coalesce(stages.stage, 'opportunity') as stage,
        types.opportunity_type as mapped_type,
        last_seen.removed_date

    from opportunities
    inner join last_seen on opportunities.opportunity_id = last_seen.opportunity_id
    left join present on opportunities.opportunity_id = present.opportunity_id
    left join stages
        on
            opportunities.source_instance = stages.source_instance
            and opportunities.pipeline = stages.pipeline
            and opportunities.source_stage = stages.source_stage
    left join accounts on opportunities.account_source_id = accounts.account_source_id
    left join domains on opportunities.company_domain = domains.company_domain
    left join types
        on
            opportunities.source_system = types.source_system
            and opportunities.source_type = types.source_type
    where present.opportunity_id is null and opportunities.created_at is not null

),

-- a deal that was closed when it was last seen is in no pipeline that it could be taken out of
final as (

    select
        resolved.opportunity_id,
        resolved.source_system,
        resolved.source_instance,
        resolved.account_id,
        resolved.owner_source_id,
        resolved.pipeline,
        resolved.stage,
        coalesce(
            resolved.mapped_type,
            case when first_wins.first_win_date < {{ local_date('resolved.created_at') }} then 'expansion' else 'new_business' end
        ) as opportunity_type,
        resolved.source_value,
        coalesce(resolved.product, 'unknown') as product,
        resolved.currency_code,
        resolved.amount_local,
        resolved.close_date,
        resolved.created_at,
        resolved.removed_date

    from resolved
    left join first_wins on resolved.account_id = first_wins.account_id
    where not coalesce(resolved.is_closed, resolved.stage in ('won', 'lost', 'no_decision'))

)

select * from final
