with

source as (

    {{ current_rows('pipedrive', 'deal_products') }}

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as opportunity_line_id,
        {{ source_id('deal_id') }} as opportunity_id,
        {{ source_id('product_id') }} as product_id,
        coalesce(name, product_id) as product_name,
        {{ as_number('quantity', 'decimal(18,4)') }} as quantity,
        {{ as_number('sum', 'decimal(18,2)') }} as amount_local,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from source

)

select * from final
