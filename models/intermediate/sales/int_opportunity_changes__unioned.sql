with

logged as (
    {{ union_by_name(
        [
            'stg_hubspot__deal_changes', 'stg_salesforce__opportunity_changes', 'stg_pipedrive__deal_changes',
            'stg_custom__deal_stage_changes'
        ],
        [
            'source_instance', 'opportunity_id', 'field_name', 'source_stage', 'owner_source_id', 'amount_local',
            'close_date', 'changed_at', 'file_row'
        ]
    ) }}

),

salesforce_fields as (

    select * from {{ ref('stg_salesforce__opportunity_field_changes') }}

),

delivered as (

    select * from {{ ref('int_opportunity_changes__delivered') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}

),

logs as (

    select source_instance, field_name
    from logged
    union
    select source_instance, field_name
    from salesforce_fields

),

-- where a system logs a field, its log is the history; elsewhere successive deliveries tell it
unioned as (

    select
        *,
        'logged' as origin

    from logged

    union all

    select
        source_instance,
        opportunity_id,
        field_name,
        source_stage,
        cast(null as varchar) as owner_source_id,
        amount_local,
        close_date,
        changed_at,
        file_row,
        origin

    from salesforce_fields

    union all

    select delivered.*

    from delivered
    left join logs
        on
            delivered.source_instance = logs.source_instance
            and delivered.field_name = logs.field_name
    where logs.field_name is null

),

-- what happened to a deal before it was merged away is not the history of the deal that was kept
final as (

    select
        unioned.source_instance,
        unioned.opportunity_id,
        unioned.field_name,
        unioned.source_stage,
        unioned.owner_source_id,
        unioned.amount_local,
        unioned.close_date,
        unioned.changed_at,
        -- of changes in one second the one further down the file came later
        row_number() over (
            partition by unioned.opportunity_id, unioned.field_name
            order by unioned.changed_at, unioned.file_row
        ) as change_number,
        unioned.origin

    from unioned
    left join merged_records
        on
            merged_records.entity = 'opportunity'
            and unioned.opportunity_id = merged_records.merged_source_id
    where merged_records.merged_source_id is null and unioned.changed_at is not null

)

select * from final
