with

source as (

    {{ current_rows('fec', 'entries') }}

),

standing as (

    {{ newest_months('source', contract_of('fec', 'entries').partition_pattern, 'ecriture_date') }}

),

final as (

    select
        'fec' as source_system,
        _source_instance as source_instance,
        _source_instance || ':' || _file || ':' || cast(_file_row as varchar) as cost_line_id,
        _company as company_code,
        journal_code || '|' || coalesce(ecriture_num, '') || '|' || coalesce(ecriture_date, '') || '|' || case when ltrim(coalesce(ecriture_num, ''), '0') = '' then coalesce(piece_ref, '') else '' end as entry_id,
        trim(journal_code) as journal_code,
        trim(journal_lib) as journal_name,
        {{ as_date('ecriture_date') }} as booked_date,
        trim(compte_num) as account_code,
        trim(compte_lib) as account_name,
        nullif(trim(comp_aux_num), '') as auxiliary_code,
        nullif(trim(comp_aux_lib), '') as auxiliary_name,
        trim(ecriture_lib) as label,
        -- the books the law asks for are kept in euros
        'EUR' as currency_code,
        {{ ledger_side('D') }} as debit_amount,
        {{ ledger_side('C') }} as credit_amount,
        -- balances carried forward and the closing of the year are no costs
        {{ plain_text('trim(journal_code)') }} in ('an', 'ran', 'ano', 'rano') or {{ regexp_text(plain_text("coalesce(journal_lib, '')"), '(^|[^a-z])a[ -]*nouveau|cloture') }} is not null as is_opening_or_closing

    from standing

)

select * from final
