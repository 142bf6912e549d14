with

source as (

    {{ current_rows('quickbooks', 'accounts') }}

),

named as (

    select
        *,
        -- the API writes CostOfGoodsSold or Cost of Goods Sold, a screen in French has its own word
        replace({{ plain_text('account_type') }}, ' ', '') as plain_type

    from source
    where id is not null

),

final as (

    select
        'quickbooks' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as account_id,
        -- an internal id must not pass for a number of the chart of accounts
        coalesce(account_number, 'id:' || id) as account_code,
        coalesce(fully_qualified_name, name) as account_name,
        account_type,
        account_sub_type,
        plain_type in (
            'expense', 'otherexpense', 'costofgoodssold', 'costofsales', 'expenses', 'otherexpenses',
            'charges', 'autrescharges', 'depenses', 'autresdepenses', 'depense', 'autredepense',
            'coutdesventes', 'coutdesmarchandisesvendues', 'coutdesproduitsvendus'
        ) as is_cost,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from named

)

select * from final
