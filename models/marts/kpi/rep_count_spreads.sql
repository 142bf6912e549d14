with

reps as (

    select * from {{ ref('rep_periods') }}
    where tenure = 'established'

),

kpis as (

    select * from {{ ref('rep_kpis') }}
    where statistic = 'count' and exposure > 0

),

monthly as (

    select * from {{ ref('kpi_values') }}
    where scope_type = 'rep' and period_grain = 'month'

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain in ('quarter', 'year')

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        periods.period_grain,
        periods.period_start_date,
        dates.month_start_date

    from periods
    inner join dates on {{ in_period('dates', 'periods') }}
    where dates.date_day <= periods.observed_until_date
    group by periods.period_grain, periods.period_start_date, dates.month_start_date

),

counted as (

    select
        kpis.rep_id,
        kpis.period_grain,
        kpis.period_start_date,
        kpis.kpi_code,
        reps.role,
        months.month_start_date,
        coalesce(monthly.value, 0) as month_count

    from kpis
    inner join reps
        on
            kpis.rep_id = reps.rep_id
            and kpis.period_grain = reps.period_grain
            and kpis.period_start_date = reps.period_start_date
    inner join months
        on
            kpis.period_grain = months.period_grain
            and kpis.period_start_date = months.period_start_date
    left join monthly
        on
            kpis.kpi_code = monthly.kpi_code
            and kpis.rep_id = monthly.scope_id
            and months.month_start_date = monthly.period_start_date

),

-- what a month would have if a rep's share of it were that of the whole period
expected as (

    select
        *,
        cast(sum(month_count) over (partition by rep_id, period_grain, period_start_date, kpi_code) as double)
        * sum(month_count) over (partition by role, period_grain, period_start_date, kpi_code, month_start_date)
        / nullif(sum(month_count) over (partition by role, period_grain, period_start_date, kpi_code), 0) as expected_count

    from counted

),

-- events that come in bunches, as the calls to one lead do, differ more from month to month than single ones
final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        kpi_code,
        {{ exact_sum('power(month_count - expected_count, 2) / expected_count') }} as spread,
        cast(count(*) - 1 as bigint) as degrees_count

    from expected
    where expected_count > 0
    group by rep_id, period_grain, period_start_date, kpi_code

)

select * from final
