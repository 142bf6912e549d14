with

owed as (

    select * from {{ ref('kpi_quotas_owed') }}

),

months as (

    select
        date_day as month_date,
        fiscal_quarter_start_date,
        fiscal_year_start_date,
        count(*) over (partition by fiscal_quarter_start_date) as months_count

    from {{ ref('dim_dates') }}
    where date_day = month_start_date

),

quarters as (

    select
        fiscal_quarter_start_date,
        fiscal_year_start_date,
        count(*) over (partition by fiscal_year_start_date) as quarters_count

    from months
    group by fiscal_quarter_start_date, fiscal_year_start_date

),

-- a quarter without a target of its own owes those of its months, once all of them are agreed on
offered_quarters as (

    select period_start_date, scope_type, scope_id, agreed_amount, quota_amount, 1 as preference from owed
    where period_grain = 'quarter'
    union all
    select
        months.fiscal_quarter_start_date as period_start_date, owed.scope_type, owed.scope_id,
        sum(owed.agreed_amount) as agreed_amount, sum(owed.quota_amount) as quota_amount, 2 as preference
    from owed
    inner join months on case when owed.period_grain = 'month' then owed.period_start_date end = months.month_date
    group by months.fiscal_quarter_start_date, months.months_count, owed.scope_type, owed.scope_id
    having count(*) = months.months_count

),

owed_quarters as (

    select
        period_start_date,
        scope_type,
        scope_id,
        agreed_amount,
        quota_amount

    from offered_quarters
    qualify row_number() over (partition by period_start_date, scope_type, scope_id order by preference) = 1

),

-- and a year those of its quarters, each its own or that of its months
offered as (

    select period_grain, period_start_date, scope_type, scope_id, agreed_amount, quota_amount, 1 as preference from owed
    where period_grain <> 'quarter'
    union all
    select 'quarter' as period_grain, period_start_date, scope_type, scope_id, agreed_amount, quota_amount, 1 as preference
    from owed_quarters
    union all
    select
        'year' as period_grain, quarters.fiscal_year_start_date as period_start_date, owed_quarters.scope_type, owed_quarters.scope_id,
        sum(owed_quarters.agreed_amount) as agreed_amount, sum(owed_quarters.quota_amount) as quota_amount, 2 as preference
    from owed_quarters
    inner join quarters on owed_quarters.period_start_date = quarters.fiscal_quarter_start_date
    group by quarters.fiscal_year_start_date, quarters.quarters_count, owed_quarters.scope_type, owed_quarters.scope_id
    having count(*) = quarters.quarters_count

),

-- nobody has agreed on anything for a month in which a rep is not there; where somebody has all the same nothing is owed
final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(agreed_amount as double) as agreed_amount,
        cast(quota_amount as double) as quota_amount

    from offered
    qualify
        row_number() over (partition by period_grain, period_start_date, scope_type, scope_id order by preference) = 1
        and agreed_amount > 0

)

select * from final
