with

stripe_lines as (

    select * from {{ ref('stg_stripe__invoice_lines') }}

),

-- how many months an invoice pays for: the longest period among its lines
final as (

    select
        invoice_id,
        cast(max(greatest(1, round(date_diff('day', period_start_at, period_end_at) / 30.4375))) as bigint) as covered_months

    from stripe_lines
    where not is_proration and not is_deleted
    group by invoice_id

)

select * from final
