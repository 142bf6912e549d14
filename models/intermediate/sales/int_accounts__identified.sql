with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}

),

kept as (

    select
        accounts.account_source_id,
        accounts.company_domain,
        coalesce(merged_records.kept_source_id, accounts.account_source_id) as kept_source_id

    from accounts
    left join merged_records
        on
            merged_records.entity = 'account'
            and accounts.account_source_id = merged_records.merged_source_id
    where not accounts.is_deleted

),

-- records of two CRMs are one account when they share a domain that is a company's own; never by name
identified as (

    select
        account_source_id,
        kept_source_id,
        min(kept_source_id) over (partition by coalesce(company_domain, kept_source_id)) as account_id

    from kept

),

final as (

    select
        account_source_id,
        account_id

    from identified

    union

    select
        merged_records.merged_source_id as account_source_id,
        identified.account_id

    from merged_records
    inner join identified on merged_records.kept_source_id = identified.account_source_id
    where merged_records.entity = 'account'

)

select * from final
