with

entries as (

    select * from {{ ref('stg_fec__entries') }}

),

-- class 70 of the French chart: sales, less the rebates of 709
final as (

    select
        cost_line_id as revenue_line_id,
        source_system,
        source_instance,
        booked_date,
        account_code,
        account_name,
        journal_code,
        cast(credit_amount - debit_amount as decimal(18, 2)) as revenue_amount

    from entries
    where account_code like '70%' and not is_opening_or_closing

)

select * from final
