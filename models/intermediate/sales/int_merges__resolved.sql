with

hubspot as (

    select * from {{ ref('stg_hubspot__merges') }}

),

pipedrive as (

    select * from {{ ref('stg_pipedrive__merges') }}

),

salesforce_people as (
    {{ union_by_name(['stg_salesforce__leads', 'stg_salesforce__contacts'], ['person_source_id', 'merged_into_source_id']) }}

),

salesforce_accounts as (

    select * from {{ ref('stg_salesforce__accounts') }}

),

merged_records as (

    select entity, merged_source_id, kept_source_id from hubspot
    union
    select entity, merged_source_id, kept_source_id from pipedrive
    union
    select 'person' as entity, person_source_id as merged_source_id, merged_into_source_id as kept_source_id
    from salesforce_people
    where merged_into_source_id is not null
    union
    select 'account' as entity, account_source_id as merged_source_id, merged_into_source_id as kept_source_id
    from salesforce_accounts
    where merged_into_source_id is not null

),

-- of two records that were merged into each other the one with the smaller id is kept
single as (

    select
        merged_records.entity,
        merged_records.merged_source_id,
        min(merged_records.kept_source_id) as kept_source_id

    from merged_records
    left join merged_records as reversed
        on
            merged_records.entity = reversed.entity
            and merged_records.merged_source_id = reversed.kept_source_id
            and merged_records.kept_source_id = reversed.merged_source_id
    where
        merged_records.merged_source_id <> merged_records.kept_source_id
        and (reversed.merged_source_id is null or merged_records.kept_source_id < merged_records.merged_source_id)
    group by merged_records.entity, merged_records.merged_source_id

),

-- a record kept by one merge may be merged away by the next: three jumps reach eight merges deep
jump_1 as (

    select single.entity, single.merged_source_id, coalesce(next.kept_source_id, single.kept_source_id) as kept_source_id
    from single
    left join single as next on single.entity = next.entity and single.kept_source_id = next.merged_source_id

),

jump_2 as (

    select jump_1.entity, jump_1.merged_source_id, coalesce(next.kept_source_id, jump_1.kept_source_id) as kept_source_id
    from jump_1
    left join jump_1 as next on jump_1.entity = next.entity and jump_1.kept_source_id = next.merged_source_id

),

final as (

    select jump_2.entity, jump_2.merged_source_id, coalesce(next.kept_source_id, jump_2.kept_source_id) as kept_source_id
    from jump_2
    left join jump_2 as next on jump_2.entity = next.entity and jump_2.kept_source_id = next.merged_source_id

)

select * from final
