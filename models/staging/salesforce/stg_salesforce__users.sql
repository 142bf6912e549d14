with

source as (

    {{ current_rows('salesforce', 'users') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as user_source_id,
        lower(trim(email)) as user_email,
        coalesce(name, trim(first_name || ' ' || last_name), last_name, email) as user_name,
        coalesce(department, user_role_name) as team_name,
        lower(title) as role,
        {{ source_id('manager_id') }} as manager_source_id,
        cast(null as date) as hired_date,
        cast(null as date) as left_date,
        cast(null as double) as quota_share,
        not _is_gone and coalesce({{ as_boolean('is_active') }}, true) as is_active

    from source

)

select * from final
