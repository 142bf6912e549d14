with

unioned as (
    {{ union_by_name(
        ['stg_hubspot__deals', 'stg_salesforce__opportunities', 'stg_pipedrive__deals', 'stg_custom__deals'],
        [
            'source_system', 'source_instance', 'opportunity_id', 'opportunity_name', 'account_source_id',
            'company_domain', 'owner_source_id', 'pipeline', 'source_stage', 'is_closed', 'is_won', 'is_no_decision',
            'source_type', 'source_value', 'source_reason', 'source_win_reason', 'product', 'currency_code', 'amount_local', 'probability',
            'created_at', 'closed_at', 'close_date', 'first_contact_at', 'is_deleted', 'custom_fields'
        ]
    ) }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}

),

-- a deal merged into another one is that deal
final as (

    select unioned.*

    from unioned
    left join merged_records
        on
            merged_records.entity = 'opportunity'
            and unioned.opportunity_id = merged_records.merged_source_id
    where merged_records.merged_source_id is null

)

select * from final
