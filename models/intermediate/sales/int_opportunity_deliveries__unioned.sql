with

unioned as (
    {{ union_by_name(
        [
            'stg_hubspot__deal_deliveries', 'stg_salesforce__opportunity_deliveries', 'stg_pipedrive__deal_deliveries',
            'stg_custom__deal_deliveries'
        ],
        [
            'source_instance', 'opportunity_id', 'source_stage', 'owner_source_id', 'amount_local', 'close_date',
            'created_at', 'is_deleted', 'delivered_at', 'next_delivered_at', 'delivery_number'
        ]
    ) }}

),

-- an increment that names a deal as deleted takes it away before the next whole delivery does
ordered as (

    select
        *,
        lead(case when is_deleted then delivered_at end) over (
            partition by opportunity_id
            order by delivery_number
        ) as deleted_at

    from unioned

),

-- an export covers the day before it to the end: what it shows first was so when that day ended
final as (

    select
        source_instance,
        opportunity_id,
        source_stage,
        owner_source_id,
        amount_local,
        close_date,
        created_at,
        {{ local_midnight(local_date('delivered_at')) }} - interval 1 second as covered_until_at,
        {{ local_date('coalesce(deleted_at, next_delivered_at)') }} - 1 as next_covered_date,
        delivery_number

    from ordered
    where not is_deleted

)

select * from final
