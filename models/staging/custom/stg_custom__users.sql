with

source as (

    {{ current_rows('custom', 'users') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('user_id') }} as user_source_id,
        lower(trim(email)) as user_email,
        name as user_name,
        team as team_name,
        role,
        {{ source_id('manager_id') }} as manager_source_id,
        {{ as_date('hired_on') }} as hired_date,
        {{ as_date('left_on') }} as left_date,
        {{ as_number('quota_share', 'double') }} as quota_share,
        not _is_gone as is_active

    from source

)

select * from final
