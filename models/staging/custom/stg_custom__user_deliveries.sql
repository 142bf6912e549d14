with

source as (

    {{ delivered_rows('custom', 'users') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('user_id') }} as user_source_id,
        team as team_name,
        role as role,
        {{ source_id('manager_id') }} as manager_source_id,
        _delivered_at as delivered_at,
        _delivery_number as delivery_number

    from source

)

select * from final
