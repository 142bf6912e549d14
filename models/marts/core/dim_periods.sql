with

dates as (

    select * from {{ ref('dim_dates') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- the calendar begins with the first thing that is known to have happened
first_facts as (
    {{ first_date_of({
        'fct_leads': 'first_known_date',
        'fct_opportunities': 'least(created_date, close_date)',
        'fct_bookings': 'booking_date',
        'fct_activities': 'least(occurred_date, recorded_date)',
        'fct_invoices': 'issued_date',
        'fct_payments': 'payment_date',
        'fct_subscription_spells': 'from_date',
        'fct_costs': 'booked_date',
        'fct_web_traffic': 'visit_date',
        'fct_ad_spend': 'spend_date'
    }) }}

),

span as (

    select
        least(first_facts.first_date, clocks.as_of_date) as first_date,
        clocks.as_of_date

    from clocks
    cross join first_facts

),

bounds as (

    select 'week' as period_grain, week_start_date as period_start_date, week_start_date + 6 as period_end_date, date_day from dates
    union all
    select 'month' as period_grain, month_start_date as period_start_date, last_day(month_start_date) as period_end_date, date_day
    from dates
    union all
    select
        'quarter' as period_grain,
        fiscal_quarter_start_date as period_start_date,
        least(last_day(fiscal_quarter_start_date + interval 2 month), fiscal_year_end_date) as period_end_date,
        date_day
    from dates
    union all
    select 'year' as period_grain, fiscal_year_start_date as period_start_date, fiscal_year_end_date as period_end_date, date_day from dates

),

periods as (

    select
        bounds.period_grain,
        cast(bounds.period_start_date as date) as period_start_date,
        cast(bounds.period_end_date as date) as period_end_date,
        max(span.as_of_date) as as_of_date

    from bounds
    inner join span on bounds.date_day between span.first_date and span.as_of_date
    group by bounds.period_grain, bounds.period_start_date, bounds.period_end_date

),

final as (

    select
        period_grain,
        period_start_date,
        period_end_date,
        cast(row_number() over (partition by period_grain order by period_start_date) as bigint) as period_number,
        period_end_date > as_of_date as is_partial_period,
        least(period_end_date, as_of_date) as observed_until_date,
        cast(date_diff('day', period_start_date, least(period_end_date, as_of_date)) + 1 as bigint) as elapsed_days,
        lag(period_start_date) over (partition by period_grain order by period_start_date) as previous_start_date,
        cast(case
            when period_grain = 'week' then period_start_date - 364
            else period_start_date - interval 1 year
        end as date) as last_year_start_date

    from periods

)

select * from final
