with

source as (

    {{ current_rows('quickbooks', 'vendors') }}

),

final as (

    select
        'quickbooks' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as vendor_id,
        display_name as vendor,
        _is_gone as is_deleted

    from source

)

select * from final
