with

unioned as (
    {{ union_by_name(
        ['stg_hubspot__owners', 'stg_salesforce__users', 'stg_pipedrive__users', 'stg_custom__users'],
        [
            'source_system', 'source_instance', 'user_source_id', 'user_email', 'user_name', 'team_name', 'role',
            'manager_source_id', 'hired_date', 'left_date', 'quota_share', 'is_active'
        ]
    ) }}

),

final as (

    select
        *,
        -- the team's own list knows teams and dates best, the CRMs own the ids
        case when source_system = 'custom' then 1 else 0 end as id_rank,
        case when source_system = 'custom' then 0 else 1 end as attribute_rank

    from unioned

)

select * from final
