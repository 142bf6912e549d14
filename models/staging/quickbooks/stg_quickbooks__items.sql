with

source as (

    {{ current_rows('quickbooks', 'items') }}

),

final as (

    select
        'quickbooks' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as item_id,
        name as item_name,
        -- what goes to stock costs when it is sold, by an entry of its own
        {{ source_id('coalesce(asset_account_id, expense_account_id)') }} as account_id,
        _is_gone as is_deleted

    from source

)

select * from final
