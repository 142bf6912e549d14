with

customers as (

    select * from {{ ref('kpi_customer_margins') }}

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain <> 'week'

),

months as (

    select
        month_start_date as month_date,
        count(*) as days_count

    from {{ ref('dim_dates') }}
    where is_past
    group by month_start_date

),

scoped as (

    select account_id, customer_date, month_date, revenue_amount, margin_amount, 'company' as scope_type, 'all' as scope_id from customers
    union all
    select account_id, customer_date, month_date, revenue_amount, margin_amount, 'segment' as scope_type, segment as scope_id from customers
    union all
    select account_id, customer_date, month_date, revenue_amount, margin_amount, 'channel' as scope_type, channel as scope_id from customers

),

placed as (

    select
        periods.period_grain,
        periods.period_start_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.account_id,
        scoped.revenue_amount,
        scoped.margin_amount,
        -- what was invoiced before the first payment made it a customer is of its first month
        greatest(date_diff('month', periods.period_start_date, scoped.month_date), 0) as age_months

    from scoped
    inner join periods on scoped.customer_date between periods.period_start_date and periods.observed_until_date

),

brought as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        account_id,
        coalesce({{ exact_sum('margin_amount') }}, 0) as margin_amount

    from placed
    group by period_grain, period_start_date, scope_type, scope_id, account_id

),

cohorts as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        count(*) as customers_count,
        {{ exact_sum('margin_amount * margin_amount') }} as margin_squares

    from brought
    group by period_grain, period_start_date, scope_type, scope_id

),

-- an invoice of a year without a margin leaves the margin of its cohort unknown from there on
earned as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        age_months,
        {{ exact_sum('revenue_amount') }} as revenue_amount,
        {{ exact_sum('margin_amount') }} as margin_amount,
        count(revenue_amount) - count(margin_amount) as unknown_count

    from placed
    group by period_grain, period_start_date, scope_type, scope_id, age_months

),

aged as (

    select
        cohorts.*,
        date_diff('month', cohorts.period_start_date, months.month_date) as age_months

    from cohorts
    inner join months on months.month_date >= date_trunc('month', cohorts.period_start_date)

),

cumulated as (

    select
        aged.*,
        coalesce(sum(earned.revenue_amount) over so_far, 0) as cumulative_revenue_amount,
        case
            when coalesce(sum(earned.unknown_count) over so_far, 0) = 0 then coalesce(sum(earned.margin_amount) over so_far, 0)
        end as cumulative_margin_amount

    from aged
    left join earned
        on
            aged.period_grain = earned.period_grain
            and aged.period_start_date = earned.period_start_date
            and aged.scope_type = earned.scope_type
            and aged.scope_id = earned.scope_id
            and aged.age_months = earned.age_months
    window so_far as (
        partition by aged.period_grain, aged.period_start_date, aged.scope_type, aged.scope_id
        order by aged.age_months
    )

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(age_months as bigint) as age_months,
        cast(customers_count as bigint) as customers_count,
        cast(cumulative_revenue_amount as double) as cumulative_revenue_amount,
        cast(cumulative_margin_amount as double) as cumulative_margin_amount,
        cast(cumulative_margin_amount / customers_count as double) as margin_per_customer_amount,
        cast(margin_squares as double) as margin_squares,
        age_months = max(age_months) over (partition by period_grain, period_start_date, scope_type, scope_id) as is_to_date

    from cumulated

)

select * from final
