with

accounts as (

    select * from {{ ref('int_accounts__conformed') }}

),

groups as (

    select * from {{ ref('int_account_groups__rooted') }}

),

customers as (

    select * from {{ ref('int_customers__matched') }}

),

invoices as (

    select * from {{ ref('int_invoices__unioned') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions__unioned') }}

),

charges as (

    select * from {{ ref('stg_stripe__charges') }}

),

-- customers that billing knows and no CRM does
billed as (

    select account_id, min(source_system) as source_system, min(source_instance) as source_instance
    from (
        select account_id, source_system, source_instance from customers
        union all
        select account_id, source_system, source_instance from invoices
        union all
        select account_id, source_system, source_instance from subscriptions
        union all
        select coalesce(customers.account_id, charges.customer_source_id, 'unknown') as account_id, charges.source_system, charges.source_instance
        from charges
        left join customers on charges.customer_source_id = customers.customer_source_id
    ) as billing
    group by account_id

),

final as (

    select
        accounts.account_id,
        accounts.account_name,
        accounts.source_system,
        accounts.source_instance,
        accounts.industry,
        accounts.country,
        accounts.segment,
        accounts.employees_count,
        accounts.parent_account_id,
        groups.root_account_id,
        accounts.created_at,
        {{ public_fields('accounts.custom_fields') }} as custom_fields{{ promoted_columns('dim_accounts', 'accounts.custom_fields') }}

    from accounts
    left join groups on accounts.account_id = groups.account_id

    union all

    select
        billed.account_id,
        cast(null as varchar) as account_name,
        billed.source_system,
        billed.source_instance,
        cast(null as varchar) as industry,
        cast(null as varchar) as country,
        'unknown' as segment,
        cast(null as bigint) as employees_count,
        cast(null as varchar) as parent_account_id,
        billed.account_id as root_account_id,
        cast(null as timestamp) as created_at,
        cast(null as varchar) as custom_fields{{ promoted_columns('dim_accounts', 'cast(null as varchar)') }}

    from billed
    left join accounts on billed.account_id = accounts.account_id
    where accounts.account_id is null and billed.account_id is not null

)

select * from final
