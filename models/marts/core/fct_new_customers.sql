with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

first_wins as (

    select
        root_account_id,
        close_date,
        owner_rep_id,
        team_id,
        segment,
        channel,
        product,
        opportunity_id

    from opportunities
    where status = 'won' and root_account_id is not null
    qualify row_number() over (partition by root_account_id order by close_date, closed_at, opportunity_id) = 1

),

first_payments as (

    select
        root_account_id,
        paid_date,
        segment

    from invoices
    -- a trial is invoiced at nothing, and paid at once
    where status = 'paid' and paid_date is not null and document_type = 'invoice' and amount_local > 0
    qualify row_number() over (partition by root_account_id order by paid_date, invoice_id) = 1

),

final as (

    select
        coalesce(first_wins.root_account_id, first_payments.root_account_id) as account_id,
        least(coalesce(first_wins.close_date, first_payments.paid_date), coalesce(first_payments.paid_date, first_wins.close_date))
            as customer_date,
        first_wins.opportunity_id as first_opportunity_id,
        -- a customer that only billing knows has nobody to be credited to
        coalesce(first_wins.owner_rep_id, 'unallocated') as rep_id,
        coalesce(first_wins.team_id, 'unallocated') as team_id,
        coalesce(first_wins.segment, first_payments.segment, 'unknown') as segment,
        coalesce(first_wins.channel, 'unallocated') as channel,
        coalesce(first_wins.product, 'unallocated') as product

    from first_wins
    full outer join first_payments on first_wins.root_account_id = first_payments.root_account_id

)

select * from final
