with

unioned as (
    {{ union_by_name(
        ['stg_hubspot__companies', 'stg_salesforce__accounts', 'stg_pipedrive__organizations', 'stg_custom__accounts'],
        [
            'source_system', 'source_instance', 'account_source_id', 'account_name', 'domain', 'parent_source_id',
            'industry', 'segment', 'country', 'employees_count', 'created_at', 'is_deleted', 'custom_fields'
        ]
    ) }}

),

free_mail as (

    select * from {{ ref('free_mail_domains') }}

),

final as (

    select
        unioned.*,
        case when free_mail.domain is null then unioned.domain end as company_domain

    from unioned
    left join free_mail on unioned.domain = free_mail.domain

)

select * from final
