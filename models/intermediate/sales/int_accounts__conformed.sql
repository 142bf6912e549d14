with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

identified as (

    select * from {{ ref('int_accounts__identified') }}

),

segments as (

    select * from {{ ref('segments') }}

),

records as (

    select
        identified.account_id,
        accounts.*,
        parents.account_id as parent_account_id,
        row_number() over (
            partition by identified.account_id
            order by case when accounts.account_source_id = identified.account_id then 0 else 1 end, accounts.account_source_id
        ) as record_rank

    from accounts
    inner join identified on accounts.account_source_id = identified.account_source_id
    left join identified as parents on accounts.parent_source_id = parents.account_source_id
    where not accounts.is_deleted

),

merged as (

    select
        account_id,
        min_by(source_system, record_rank) as source_system,
        min_by(source_instance, record_rank) as source_instance,
        min_by(account_name, record_rank) filter (where account_name is not null) as account_name,
        min_by(industry, record_rank) filter (where industry is not null) as industry,
        min_by(country, record_rank) filter (where country is not null) as country,
        min_by(segment, record_rank) filter (where segment is not null) as given_segment,
        min_by(employees_count, record_rank) filter (where employees_count is not null) as employees_count,
        min_by(parent_account_id, record_rank) filter (where parent_account_id is not null and parent_account_id <> account_id)
            as parent_account_id,
        {{ merged_json('custom_fields', 'record_rank') }} as custom_fields,
        min(created_at) as created_at,
        cast(count(*) as bigint) as records_count

    from records
    group by account_id

),

final as (

    select
        merged.*,
        coalesce(merged.given_segment, {{ segment_of('merged.employees_count', 'segments') }}, 'unknown') as segment

    from merged

)

select * from final
