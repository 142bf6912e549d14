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
        sum(opening_mrr_amount) as opening_amount,
        coalesce(sum(closing_mrr_at_opening_rate_amount), 0) as closing_at_opening_rate_amount,
        sum(closing_mrr_amount) as closing_amount

    from scoped
    group by period_grain, period_start_date, purpose, scope_type, scope_id, root_account_id

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
        sum(opening_amount) as opening_mrr_amount,
        -- who came in the period has no opening and is in neither end
        sum(case when opening_amount is not null then least(opening_amount, closing_at_opening_rate_amount) end) as kept_mrr_amount,
        sum(case when opening_amount is not null and is_at_opening then closing_at_opening_rate_amount end) as grown_mrr_amount,
        count(*) filter (where is_at_closing) as paying_customers,
        count(*) filter (where is_at_opening) as opening_customers,
        count(*) filter (where is_at_opening and not is_at_closing) as lost_customers,
        count(*) filter (where is_at_opening and is_at_closing) as kept_customers

    from customers
    group by period_grain, period_start_date, purpose, scope_type, scope_id

),

measured as (

    select
        counted.*,
        counted.opening_customers * case
            when
                date_trunc('month', windows.window_start_date) = windows.window_start_date
                and last_day(windows.window_end_date) = windows.window_end_date
                then date_diff('month', windows.window_start_date, windows.window_end_date + 1)
            else (date_diff('day', windows.window_start_date, windows.window_end_date) + 1) / 30.4375
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
        'mrr_amount', 'opening_mrr_amount', 'kept_mrr_amount', 'grown_mrr_amount', 'paying_customers', 'opening_customers',
        'lost_customers', 'kept_customers', 'opening_customer_months'
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
