with

changes as (

    select * from {{ ref('stg_pipedrive__deal_changes') }}

),

-- a deal as its change log tells it; of a reused id, each deal apart
final as (

    select
        source_instance,
        deal_id,
        opportunity_id,
        deal_number,
        max(deal_number) over (partition by source_instance, deal_id) as last_number,
        min(changed_at) as created_at,
        max_by(source_stage, changed_at) filter (where field_name = 'stage') as source_stage,
        max_by(owner_source_id, changed_at) filter (where field_name = 'owner') as owner_source_id,
        max_by(amount_local, changed_at) filter (where field_name = 'amount') as amount_local,
        max_by(new_value, changed_at) filter (where field_name = 'status') as status,
        -- a reason that was emptied again is none
        nullif(max_by(coalesce(new_value, ''), changed_at) filter (where field_name = 'lost_reason'), '') as lost_reason,
        max(changed_at) filter (where field_name = 'lost_reason' and new_value is not null) as lost_at,
        max(changed_at) filter (where field_name = 'stage') as staged_at,
        max(changed_at) filter (where field_name = 'status') as status_at

    from changes
    group by source_instance, deal_id, opportunity_id, deal_number

)

select * from final
