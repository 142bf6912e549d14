with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

merges as (

    select * from {{ ref('int_merges__resolved') }}

),

kept as (

    select
        accounts.account_source_id,
        accounts.company_domain,
        coalesce(merges.kept_source_id, accounts.account_source_id) as kept_source_id

    from accounts
    left join merges
        on
            merges.entity = 'account'
            and accounts.account_source_id = merges.merged_source_id
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
        merges.merged_source_id as account_source_id,
        identified.account_id

    from merges
    inner join identified on merges.kept_source_id = identified.account_source_id
    where merges.entity = 'account'

)

select * from final
