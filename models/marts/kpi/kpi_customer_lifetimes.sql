with

invoices as (

    select * from {{ ref('fct_invoices') }}

),

subscriptions as (

    select * from {{ ref('fct_subscriptions_monthly') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        month_start_date as month_date,
        max(date_day) as observed_date

    from dates
    where is_past
    group by month_start_date

),

scoped_invoices as (

    select root_account_id, 'company' as scope_type, 'all' as scope_id, status, amount_local, issued_date, covered_months from invoices
    where is_finalised and document_type = 'invoice'
    union all
    select root_account_id, 'segment' as scope_type, segment as scope_id, status, amount_local, issued_date, covered_months from invoices
    where is_finalised and document_type = 'invoice'

),

scoped_subscriptions as (

    select root_account_id, 'company' as scope_type, 'all' as scope_id, month_date from subscriptions
    union
    select root_account_id, 'segment' as scope_type, segment as scope_id, month_date from subscriptions

),

-- the relation with a customer lasts from the first to the last month an invoice was paid for; a trial, at nothing, is none
spans as (

    select
        scoped_invoices.root_account_id,
        scoped_invoices.scope_type,
        scoped_invoices.scope_id,
        months.month_date,
        cast(date_trunc('month', min(scoped_invoices.issued_date)) as date) as first_month_date,
        cast(
            max(date_trunc('month', scoped_invoices.issued_date) + to_months(cast(scoped_invoices.covered_months as integer) - 1)) as date
        ) as last_month_date

    from scoped_invoices
    inner join months on scoped_invoices.issued_date <= months.observed_date
    where scoped_invoices.status = 'paid' and scoped_invoices.amount_local > 0
    group by scoped_invoices.root_account_id, scoped_invoices.scope_type, scoped_invoices.scope_id, months.month_date

),

subscribers as (

    select root_account_id, min(month_date) as first_month_date from subscriptions
    group by root_account_id

),

-- who subscribes is a customer while the subscription lives; who never did by then, while what was paid for lasts: that one
-- subscribes later ends no relation before
judged as (

    select
        spans.*,
        case
            when subscribers.first_month_date <= spans.month_date then scoped_subscriptions.root_account_id is not null
            else spans.last_month_date >= spans.month_date
        end as is_active

    from spans
    left join subscribers on spans.root_account_id = subscribers.root_account_id
    left join scoped_subscriptions
        on
            spans.root_account_id = scoped_subscriptions.root_account_id
            and spans.scope_type = scoped_subscriptions.scope_type
            and spans.scope_id = scoped_subscriptions.scope_id
            and spans.month_date = scoped_subscriptions.month_date

),

observed as (

    select
        root_account_id,
        scope_type,
        scope_id,
        month_date,
        first_month_date,
        is_active,
        case when is_active then month_date else least(last_month_date, month_date) end as until_month_date

    from judged

),

final as (

    select
        month_date,
        scope_type,
        scope_id,
        root_account_id as account_id,
        is_active,
        cast(date_diff('month', first_month_date, until_month_date) + 1 as bigint) as relation_months,
        cast(greatest(
            0,
            date_diff('month', greatest(first_month_date, cast(month_date - interval 11 month as date)), until_month_date) + 1
        ) as bigint) as relation_months_of_year

    from observed

)

select * from final
