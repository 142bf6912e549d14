with

source as (

    {{ current_rows('custom', 'products') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('product_id') }} as product_id,
        name as product_name,
        family as product_family,
        {{ as_number('list_price', 'decimal(18,2)') }} as list_price_amount,
        _is_gone as is_deleted

    from source

)

select * from final
