with

subscriptions as (

    select * from {{ ref('kpi_subscriptions_by_period') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

scoped as (

    select subscriptions.*, 'company' as scope_type, 'all' as scope_id from subscriptions
    union all
    select subscriptions.*, 'segment' as scope_type, subscriptions.segment as scope_id from subscriptions

),

-- a customer is a group: what one of its accounts gives up and another takes on is kept
customers as (

    select
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        root_account_id,
        bool_or(is_paying_at_opening) as is_at_opening,
        bool_or(is_paying_at_closing) as is_at_closing,
        -- of whom one end is not known it cannot be said what was kept
        case
            when
                not bool_or(
                    is_paying_at_opening and opening_mrr_amount is null
                    or is_paying_at_closing and closing_mrr_at_opening_rate_amount is null
                )
                then sum(opening_mrr_amount)
        end as opening_amount,
        coalesce(sum(closing_mrr_at_opening_rate_amount), 0) as closing_at_opening_rate_amount,
        sum(closing_mrr_amount) as closing_amount

    from scoped
    group by period_grain, period_start_date, purpose, scope_type, scope_id, root_account_id

),

-- who came in the period has no opening and is in neither end
judged as (

    select
        *,
        case when opening_amount is not null then least(opening_amount, closing_at_opening_rate_amount) end as kept_amount,
        case when opening_amount is not null and is_at_opening then closing_at_opening_rate_amount end as grown_amount

    from customers

),

counted as (

    select
        period_grain,
        period_start_date,
        purpose,
        scope_type,
        scope_id,
        -- nobody pays, or nobody knows what they pay
        case when count(closing_amount) > 0 or not bool_or(is_at_closing) then coalesce(sum(closing_amount), 0) end as mrr_amount,
        sum(closing_amount * closing_amount) as mrr_amount_squares,
        sum(opening_amount) as opening_mrr_amount,
        sum(opening_amount * opening_amount) as opening_mrr_amount_squares,
        count(opening_amount) as opening_mrr_amount_records,
        sum(kept_amount) as kept_mrr_amount,
        sum(kept_amount * kept_amount) as kept_mrr_amount_squares,
        sum(kept_amount * opening_amount) as kept_mrr_amount_products,
        sum(grown_amount) as grown_mrr_amount,
        sum(grown_amount * grown_amount) as grown_mrr_amount_squares,
        sum(grown_amount * opening_amount) as grown_mrr_amount_products,
        count(*) filter (where is_at_closing) as paying_customers,
        count(*) filter (where is_at_opening) as opening_customers,
        count(*) filter (where is_at_opening and not is_at_closing) as lost_customers,
        count(*) filter (where is_at_opening and is_at_closing) as kept_customers

    from judged
    group by period_grain, period_start_date, purpose, scope_type, scope_id

),

measured as (

    select
        counted.*,
        -- days that make no month yet say nothing of a month: one customer who leaves on the first day is no churn of all
        counted.opening_customers * case
            when
                date_trunc('month', windows.window_start_date) = windows.window_start_date
                and last_day(windows.window_end_date) = windows.window_end_date
                then date_diff('month', windows.window_start_date, windows.window_end_date + 1)
            when date_diff('day', windows.window_start_date, windows.window_end_date) + 1 >= 30.4375
                then (date_diff('day', windows.window_start_date, windows.window_end_date) + 1) / 30.4375
        end as opening_customer_months

    from counted
    inner join windows
        on
            counted.period_grain = windows.period_grain
            and counted.period_start_date = windows.period_start_date
            and counted.purpose = windows.purpose

),

final as (
    {%- for code in [
        'mrr_amount', 'mrr_amount_squares', 'opening_mrr_amount', 'opening_mrr_amount_squares', 'opening_mrr_amount_records',
        'kept_mrr_amount', 'kept_mrr_amount_squares', 'kept_mrr_amount_products', 'grown_mrr_amount', 'grown_mrr_amount_squares',
        'grown_mrr_amount_products', 'paying_customers', 'opening_customers', 'lost_customers', 'kept_customers',
        'opening_customer_months'
    ] %}
    select
        '{{ code }}' as component_code, period_grain, period_start_date, purpose, scope_type, scope_id,
        cast({{ code }} as double) as component_value
    from measured
    where {{ code }} is not null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select * from final
