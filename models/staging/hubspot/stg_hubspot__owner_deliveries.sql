with

source as (

    {{ delivered_rows('hubspot', 'owners') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as user_source_id,
        split_part(teams, ';', 1) as team_name,
        cast(null as varchar) as role,
        cast(null as varchar) as manager_source_id,
        _delivered_at as delivered_at,
        _delivery_number as delivery_number

    from source

)

select * from final
