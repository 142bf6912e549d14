with

unioned as (
    {{ union_by_name(
        [
            'stg_hubspot__calls', 'stg_hubspot__emails', 'stg_hubspot__meetings', 'stg_hubspot__activities',
            'stg_salesforce__tasks', 'stg_salesforce__events', 'stg_pipedrive__activities', 'stg_custom__activities'
        ],
        [
            'source_system', 'source_instance', 'activity_id', 'activity_type', 'direction', 'source_outcome',
            'is_completed', 'duration_seconds', 'occurred_at', 'occurred_date', 'recorded_at', 'modified_at',
            'owner_source_id', 'opportunity_id', 'is_deleted'
        ]
    ) }}

),

-- outcomes are compared without case, and one is written in a case of its own by some
dispositions as (

    select
        source_system,
        lower(disposition) as disposition,
        min(outcome) as outcome

    from {{ ref('call_dispositions') }}
    group by source_system, lower(disposition)

),

owners as (

    select * from {{ ref('int_owners__aliased') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}
    where entity = 'opportunity'

),

deals as (

    select * from {{ ref('stg_hubspot__activity_deals') }}

),

messages as (

    select * from {{ ref('stg_salesforce__email_messages') }}

),

final as (

    select
        unioned.source_system,
        unioned.source_instance,
        unioned.activity_id,
        unioned.activity_type,
        -- a Salesforce task does not say whether its e-mail was sent or received
        case when messages.is_incoming then 'inbound' else unioned.direction end as direction,
        case
            when unioned.activity_type = 'call'
                then
                    coalesce(
                        dispositions.outcome,
                        case
                            when
                                unioned.source_outcome is null and unioned.duration_seconds > {{ var('connected_call_seconds') }}
                                then 'connected'
                            when unioned.source_outcome is null then 'unknown'
                            else 'other'
                        end
                    )
            when unioned.activity_type = 'meeting'
                then
                    case
                        when unioned.source_outcome in ('completed', 'held', 'done') then 'held'
                        when unioned.source_outcome in ('no_show', 'no show', 'noshow') then 'no_show'
                        when unioned.source_outcome in ('canceled', 'cancelled') then 'cancelled'
                        when unioned.source_outcome = 'rescheduled' then 'rescheduled'
                        when unioned.source_outcome is null or unioned.source_outcome = 'scheduled' then 'not_logged'
                        else 'other'
                    end
            when unioned.activity_type = 'email'
                then
                    case when messages.is_bounced or unioned.source_outcome in ('bounced', 'failed') then 'bounced' else 'sent' end
            else unioned.source_outcome
        end as outcome,
        coalesce(unioned.is_completed, false) as is_completed,
        unioned.duration_seconds,
        unioned.occurred_at,
        unioned.occurred_date,
        unioned.recorded_at,
        unioned.modified_at,
        case
            when unioned.owner_source_id is null then 'unallocated'
            else coalesce(owners.rep_id, 'unknown')
        end as rep_id,
        coalesce(merged_records.kept_source_id, unioned.opportunity_id, deals.opportunity_id) as opportunity_id

    from unioned
    left join dispositions
        on
            unioned.source_system = dispositions.source_system
            and lower(unioned.source_outcome) = dispositions.disposition
    left join owners on unioned.owner_source_id = owners.owner_source_id
    left join deals on unioned.activity_id = deals.activity_id
    left join messages on unioned.activity_id = messages.activity_id
    left join merged_records on coalesce(unioned.opportunity_id, deals.opportunity_id) = merged_records.merged_source_id
    where not unioned.is_deleted and unioned.occurred_at is not null

)

select * from final
