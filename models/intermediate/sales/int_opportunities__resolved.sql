with

opportunities as (

    select * from {{ ref('int_opportunities__unioned') }}

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

largest_lines as (

    select * from {{ ref('int_opportunity_lines__unioned') }}
    where line_number = 1

),

types as (

    select * from {{ ref('opportunity_types') }}

),

reasons as (

    select * from {{ ref('loss_reasons') }}

),

win_reasons as (

    select * from {{ ref('win_reasons') }}

),

resolved as (

    select
        opportunities.*,
        {{ local_date('opportunities.created_at') }} as created_date,
        stages.stage,
        coalesce(accounts.account_id, domains.account_id) as account_id,
        types.opportunity_type as mapped_type,
        reasons.loss_reason,
        reasons.status as reason_status,
        win_reasons.win_reason,
        case
            when coalesce(opportunities.is_won, stages.stage = 'won', false) then 'won'
            when coalesce(opportunities.is_closed, stages.stage in ('lost', 'no_decision'), false)
                then
                    case
                        when opportunities.is_no_decision or 'no_decision' in (reasons.status, stages.stage) then 'no_decision'
                        else 'lost'
                    end
            else 'open'
        end as status

    from opportunities
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
    left join reasons
        on
            opportunities.source_system = reasons.source_system
            and opportunities.source_reason = reasons.source_reason
    left join win_reasons
        on
            opportunities.source_system = win_reasons.source_system
            and opportunities.source_win_reason = win_reasons.source_reason
    where opportunities.created_at is not null

),

first_wins as (

    select
        account_id,
        opportunity_id,
        close_date

    from resolved
    where status = 'won' and not is_deleted and account_id is not null
    qualify row_number() over (partition by account_id order by close_date, closed_at, opportunity_id) = 1

),

final as (

    select
        resolved.source_system,
        resolved.source_instance,
        resolved.opportunity_id,
        resolved.account_id,
        resolved.owner_source_id,
        resolved.pipeline,
        resolved.source_stage,
        resolved.stage,
        resolved.status,
        -- an untyped deal of an account that has bought before is an expansion. It began no later than it closed: what is entered
        -- after the signature, or imported, was made before. Of wins that began on the day they were signed one is the first
        case
            when resolved.mapped_type is not null then resolved.mapped_type
            when first_wins.close_date < least(resolved.created_date, case when resolved.status <> 'open' then resolved.close_date end)
                then 'expansion'
            when
                resolved.status = 'won' and resolved.close_date <= resolved.created_date
                and first_wins.close_date = resolved.close_date and first_wins.opportunity_id <> resolved.opportunity_id
                then 'expansion'
            else 'new_business'
        end as opportunity_type,
        resolved.source_value,
        coalesce(resolved.loss_reason, case when resolved.status in ('lost', 'no_decision') then 'unknown' end) as loss_reason,
        -- a reason that outlived the win it was given for is none
        case when resolved.status = 'won' then coalesce(resolved.win_reason, 'unknown') end as win_reason,
        -- of several products the one with the largest line is credited
        coalesce(largest_lines.product, resolved.product, 'unknown') as product,
        resolved.currency_code,
        resolved.amount_local,
        resolved.probability,
        resolved.created_at,
        resolved.closed_at,
        resolved.close_date,
        resolved.first_contact_at,
        resolved.is_deleted,
        resolved.custom_fields

    from resolved
    left join first_wins on resolved.account_id = first_wins.account_id
    left join largest_lines on resolved.opportunity_id = largest_lines.opportunity_id

)

select * from final
