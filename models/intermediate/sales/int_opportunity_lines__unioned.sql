with

unioned as (
    {{ union_by_name(
        ['stg_hubspot__deal_lines', 'stg_salesforce__opportunity_lines', 'stg_pipedrive__deal_lines', 'stg_custom__deal_lines'],
        [
            'source_system', 'source_instance', 'opportunity_line_id', 'opportunity_id', 'product_id', 'product_name',
            'quantity', 'amount_local', 'is_deleted'
        ]
    ) }}

),

products as (

    select * from {{ ref('stg_custom__products') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}
    where entity = 'opportunity'

),

-- the lines of a deal that was merged away are those of an entry made twice
final as (

    select
        unioned.source_system,
        unioned.source_instance,
        unioned.opportunity_line_id,
        unioned.opportunity_id,
        unioned.product_id,
        coalesce(products.product_name, unioned.product_name, unioned.product_id, 'unknown') as product,
        unioned.quantity,
        unioned.amount_local,
        row_number() over (
            partition by unioned.opportunity_id
            order by unioned.amount_local desc nulls last, unioned.opportunity_line_id asc
        ) as line_number

    from unioned
    left join products on unioned.product_id = products.product_id
    left join merged_records on unioned.opportunity_id = merged_records.merged_source_id
    where not unioned.is_deleted and merged_records.merged_source_id is null

)

select * from final
