"""What the pages read of the forecast of bookings: what is expected, against which target, and what came of it."""

# the target of a period to come is the one that was agreed on, which for a quarter without one is that of its months;
# who is not there in it has none (kpi_quotas, which is not published)
FORECASTS = """
with agreed as (
    select period_grain, period_start_date, scope_type, scope_id, target_value, 1 as preference
    from kpi_targets
    where kpi_code = 'bookings_amount'
    union all
    select
        'quarter' as period_grain, months.fiscal_quarter_start_date as period_start_date, targets.scope_type,
        targets.scope_id, sum(targets.target_value) as target_value, 2 as preference
    from kpi_targets as targets
    inner join (
        select *, count(*) over (partition by fiscal_quarter_start_date) as months_count
        from dim_dates
        where date_day = month_start_date
    ) as months on targets.period_start_date = months.date_day
    where targets.kpi_code = 'bookings_amount' and targets.period_grain = 'month'
    group by months.fiscal_quarter_start_date, months.months_count, targets.scope_type, targets.scope_id
    having count(*) = months.months_count
)
select
    forecasts.* exclude (period_end_date, as_of_date, basis, without_amount_count),
    case
        when known.kpi_code is not null then known.target_value
        when reps.left_date <= forecasts.period_start_date or reps.hired_date > forecasts.period_end_date then null
        else agreed.target_value
    end as target_value
from forecast_bookings as forecasts
left join kpi_attainment as known
    on known.kpi_code = 'bookings_amount'
    and known.period_grain = forecasts.period_grain
    and known.period_start_date = forecasts.period_start_date
    and known.scope_type = forecasts.scope_type
    and known.scope_id = forecasts.scope_id
left join agreed
    on agreed.period_grain = forecasts.period_grain
    and agreed.period_start_date = forecasts.period_start_date
    and agreed.scope_type = forecasts.scope_type
    and agreed.scope_id = forecasts.scope_id
left join dim_sales_reps as reps on case when forecasts.scope_type = 'rep' then forecasts.scope_id end = reps.rep_id
where forecasts.scope_type in ('company', 'team', 'rep')
qualify row_number() over (
    partition by forecasts.period_grain, forecasts.period_start_date, forecasts.scope_type, forecasts.scope_id
    order by agreed.preference
) = 1
order by all
"""

# what was forecast on the eve of each of the last twelve months, and what came
RECORD = """
select period_start_date, scope_type, scope_id, forecast_amount, low_amount, high_amount, actual_amount
from forecast_backtest
where period_grain = 'month' and method = 'warehouse' and scope_type in ('company', 'team', 'rep')
    and as_of_date = period_start_date - 1
qualify dense_rank() over (order by period_start_date desc) <= 12
order by scope_type, scope_id, period_start_date
"""
