with

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- what comes in day by day: sums, people counted once, and shares of what is owed from the first day
registry as (

    select * from {{ ref('kpi_registry') }}
    where aggregation in ('sum', 'distinct') or within_period = 'paced'

),

daily as (

    select * from {{ ref('kpi_components_daily') }}
    where scope_type = 'company'

),

working as (

    select
        periods.period_grain,
        periods.period_start_date,
        cast(count(*) filter (where dates.is_business_day and dates.date_day <= clocks.as_of_date) as double)
        / nullif(count(*) filter (where dates.is_business_day), 0) as working_share

    from periods
    cross join clocks
    inner join dates on dates.date_day between periods.period_start_date and periods.period_end_date
    where periods.is_partial_period
    group by periods.period_grain, periods.period_start_date

),

-- the same period one and two years back, up to the point that this one has come to
past_periods as (

    select
        running.period_grain,
        running.period_start_date,
        last_year.period_start_date as past_start_date,
        last_year.period_end_date as past_end_date,
        {{ same_point('running', 'last_year.period_start_date') }} as past_until_date

    from periods as running
    inner join periods as last_year
        on
            running.period_grain = last_year.period_grain
            and running.last_year_start_date = last_year.period_start_date
    where running.is_partial_period

    union all

    select
        running.period_grain,
        running.period_start_date,
        before.period_start_date as past_start_date,
        before.period_end_date as past_end_date,
        {{ same_point('running', 'before.period_start_date') }} as past_until_date

    from periods as running
    inner join periods as last_year
        on
            running.period_grain = last_year.period_grain
            and running.last_year_start_date = last_year.period_start_date
    inner join periods as before
        on
            last_year.period_grain = before.period_grain
            and last_year.last_year_start_date = before.period_start_date
    where running.is_partial_period

),

past_shares as (

    select
        registry.kpi_code,
        past_periods.period_grain,
        past_periods.period_start_date,
        past_periods.past_start_date,
        cast(sum(case when daily.component_date <= past_periods.past_until_date then daily.component_value end) as double)
        / nullif(cast(sum(daily.component_value) as double), 0) as past_share

    from past_periods
    inner join daily on daily.component_date between past_periods.past_start_date and past_periods.past_end_date
    inner join registry on daily.component_code = registry.numerator
    group by registry.kpi_code, past_periods.period_grain, past_periods.period_start_date, past_periods.past_start_date

),

seasons as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        avg(past_share) as season_share

    from past_shares
    where past_share > 0
    group by kpi_code, period_grain, period_start_date
    having count(*) = 2

),

final as (

    select
        registry.kpi_code,
        working.period_grain,
        working.period_start_date,
        least(1, coalesce(seasons.season_share, working.working_share)) as elapsed_share,
        case when seasons.season_share is not null then 'own_seasonality' else 'working_days' end as pace_method

    from registry
    cross join working
    left join seasons
        on
            registry.kpi_code = seasons.kpi_code
            and working.period_grain = seasons.period_grain
            and working.period_start_date = seasons.period_start_date

)

select * from final
