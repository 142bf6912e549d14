with

source as (

    {{ current_rows('custom', 'deal_lines') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id("deal_id || '|' || product_id") }} as opportunity_line_id,
        {{ source_id('deal_id') }} as opportunity_id,
        {{ source_id('product_id') }} as product_id,
        cast(null as varchar) as product_name,
        {{ as_number('quantity', 'decimal(18,4)') }} as quantity,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        _is_gone as is_deleted

    from source

)

select * from final
