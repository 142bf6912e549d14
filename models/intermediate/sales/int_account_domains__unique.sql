with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

identified as (

    select * from {{ ref('int_accounts__identified') }}

),

final as (

    select
        accounts.company_domain,
        min(identified.account_id) as account_id

    from accounts
    inner join identified on accounts.account_source_id = identified.account_source_id
    where accounts.company_domain is not null and not accounts.is_deleted
    group by accounts.company_domain

)

select * from final
