with

targets as (

    select * from {{ ref('kpi_targets') }}
    where kpi_code = 'bookings_amount'

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        date_day as month_date,
        fiscal_quarter_start_date,
        fiscal_year_start_date

    from dates
    where date_day = month_start_date

),

months_of as (

    select 'week' as period_grain, date_day as period_start_date, month_start_date as month_date from dates
    where date_day = week_start_date
    union all
    select 'month' as period_grain, month_date as period_start_date, month_date from months
    union all
    select 'quarter' as period_grain, fiscal_quarter_start_date as period_start_date, month_date from months
    union all
    select 'year' as period_grain, fiscal_year_start_date as period_start_date, month_date from months

),

-- a target is that of a rep who is up to speed: one who was just hired owes a growing share of it, one who has left nothing
ramped as (

    select
        targets.period_grain,
        targets.period_start_date,
        targets.scope_type,
        targets.scope_id,
        targets.target_value as agreed_amount,
        targets.target_value * avg(
            case
                when months_of.month_date >= reps.left_date then 0
                when reps.hired_date is null then 1
                when months_of.month_date < date_trunc('month', reps.hired_date) then 0
                else least(1, (date_diff('month', reps.hired_date, months_of.month_date) + 1) / ({{ var('quota_ramp_months') }} + 1.0))
            end
        ) as quota_amount

    from targets
    inner join months_of
        on
            targets.period_grain = months_of.period_grain
            and targets.period_start_date = months_of.period_start_date
    left join reps on case when targets.scope_type = 'rep' then targets.scope_id end = reps.rep_id
    group by targets.period_grain, targets.period_start_date, targets.scope_type, targets.scope_id, targets.target_value

),

aimed_reps as (

    select scope_id as rep_id from targets
    where scope_type = 'rep'
    group by scope_id

),

-- who is not there owes nothing, agreed or not
absent as (

    select
        'month' as period_grain,
        months.month_date as period_start_date,
        'rep' as scope_type,
        reps.rep_id as scope_id,
        0 as agreed_amount,
        0 as quota_amount

    from aimed_reps
    inner join reps on aimed_reps.rep_id = reps.rep_id
    inner join months on last_day(months.month_date) < reps.hired_date or months.month_date >= reps.left_date

),

offered as (

    select * from ramped
    union all
    select * from absent

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(max(agreed_amount) as double) as agreed_amount,
        cast(min(quota_amount) as double) as quota_amount

    from offered
    group by period_grain, period_start_date, scope_type, scope_id

)

select * from final
