with

source as (

    {{ current_rows('pipedrive', 'users') }}

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as user_source_id,
        lower(trim(email)) as user_email,
        name as user_name,
        cast(null as varchar) as team_name,
        cast(null as varchar) as role,
        cast(null as varchar) as manager_source_id,
        cast(null as date) as hired_date,
        cast(null as date) as left_date,
        cast(null as double) as quota_share,
        not _is_gone and coalesce({{ as_boolean('active_flag') }}, true) as is_active

    from source

)

select * from final
