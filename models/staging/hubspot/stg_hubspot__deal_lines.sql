with

source as (

    {{ current_rows('hubspot', 'line_items') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as opportunity_line_id,
        {{ source_id(first_listed('associated_deal_ids')) }} as opportunity_id,
        {{ source_id('hs_product_id') }} as product_id,
        coalesce(name, hs_product_id) as product_name,
        {{ as_number('quantity', 'decimal(18,4)') }} as quantity,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted

    from source

)

select * from final
