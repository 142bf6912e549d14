with

source as (

    {{ delivered_rows('salesforce', 'users') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as user_source_id,
        coalesce(department, user_role_name) as team_name,
        lower(title) as role,
        {{ source_id('manager_id') }} as manager_source_id,
        _delivered_at as delivered_at,
        _delivery_number as delivery_number

    from source

)

select * from final
