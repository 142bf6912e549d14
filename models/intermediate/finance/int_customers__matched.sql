with

customers as (

    select * from {{ ref('stg_stripe__customers') }}

),

accounts as (

    select * from {{ ref('int_accounts__identified') }}

),

domains as (

    select * from {{ ref('int_account_domains__unique') }}

),

free_mail as (

    select * from {{ ref('free_mail_domains') }}

),

-- the id in the customer's metadata has no instance; two CRMs that share it name nobody
native_ids as (

    select
        substring(account_source_id, position(':' in account_source_id) + 1) as crm_account_id,
        case when count(distinct account_id) = 1 then min(account_id) end as account_id

    from accounts
    group by substring(account_source_id, position(':' in account_source_id) + 1)

),

addressed as (

    select
        *,
        {{ domain_of('customer_email') }} as email_domain

    from customers
    where not is_deleted

),

final as (

    select
        addressed.customer_source_id,
        addressed.source_system,
        addressed.source_instance,
        coalesce(native_ids.account_id, domains.account_id, addressed.customer_source_id) as account_id,
        case
            when native_ids.account_id is not null then 'metadata'
            when domains.account_id is not null then 'domain'
            when native_ids.crm_account_id is not null then 'ambiguous_id'
            when addressed.crm_account_id is not null then 'unknown_id'
            when addressed.email_domain is null then 'no_id_no_email'
            when free_mail.domain is not null then 'free_mail'
            else 'unknown_domain'
        end as match_method,
        addressed.created_at

    from addressed
    left join native_ids on addressed.crm_account_id = native_ids.crm_account_id
    left join free_mail on addressed.email_domain = free_mail.domain
    left join domains on case when free_mail.domain is null then addressed.email_domain end = domains.company_domain

)

select * from final
