with

source as (

    {{ current_rows('hubspot', 'owners') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as user_source_id,
        lower(trim(email)) as user_email,
        coalesce(trim(first_name || ' ' || last_name), first_name, last_name, email) as user_name,
        split_part(teams, ';', 1) as team_name,
        cast(null as varchar) as role,
        cast(null as varchar) as manager_source_id,
        cast(null as date) as hired_date,
        cast(null as date) as left_date,
        cast(null as double) as quota_share,
        not(_is_gone or coalesce({{ as_boolean('archived') }}, false)) as is_active

    from source

)

select * from final
