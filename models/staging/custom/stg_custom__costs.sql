with

source as (

    {{ current_rows('custom', 'costs') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('entry_id') }} as cost_line_id,
        {{ as_date('booked_on') }} as booked_date,
        account_code,
        journal as journal_code,
        label,
        vendor,
        category,
        {{ as_number('amount', 'decimal(18,2)') }} as cost_amount,
        _is_gone as is_deleted

    from source

)

select * from final
