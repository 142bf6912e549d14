with

registry as (

    select * from {{ ref('kpi_registry') }}

),

parts as (

    select * from {{ ref('kpi_parts') }}

),

products as (

    select * from {{ ref('kpi_products') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

windows as (

    select * from {{ ref('funnel_windows') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

trust as (

    select * from {{ ref('quality_kpi_trust') }}

),

unioned as (

    select kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, numerator, denominator, value from parts
    union all
    select kpi_code, period_grain, period_start_date, purpose, scope_type, scope_id, cast(null as double) as numerator, cast(null as double) as denominator, value from products

),

valued as (

    select * from unioned
    where purpose = 'value'

),

joined as (

    select
        valued.kpi_code,
        registry.interval_method,
        registry.aggregation,
        registry.unit,
        valued.period_grain,
        valued.period_start_date,
        valued.scope_type,
        valued.scope_id,
        periods.period_end_date,
        periods.is_partial_period,
        valued.numerator,
        valued.denominator,
        case when trust.trust_status = 'no_source' then null else valued.value end as value,
        case when periods.is_partial_period then elapsed.value else previous.value end as previous_value,
        case when periods.is_partial_period then elapsed_last_year.value else last_year.value end as same_period_last_year_value,
        -- conversion within W days is known W days after the period's last entrant
        windows.window_days is null or periods.period_end_date + cast(windows.window_days as integer) <= clocks.as_of_date as is_mature,
        trust.trust_status,
        clocks.as_of_date

    from valued
    cross join clocks
    inner join registry on valued.kpi_code = registry.kpi_code
    inner join periods
        on
            valued.period_grain = periods.period_grain
            and valued.period_start_date = periods.period_start_date
    inner join dates on periods.period_start_date = dates.date_day
    left join windows
        on
            dates.fiscal_year = windows.fiscal_year
            and valued.kpi_code = windows.from_stage || '_to_' || windows.to_stage || '_rate'
    left join trust
        on
            valued.kpi_code = trust.kpi_code
            and valued.period_grain = trust.period_grain
            and valued.period_start_date = trust.period_start_date
    left join unioned as previous
        on
            previous.purpose = 'value'
            and valued.kpi_code = previous.kpi_code
            and valued.period_grain = previous.period_grain
            and periods.previous_start_date = previous.period_start_date
            and valued.scope_type = previous.scope_type
            and valued.scope_id = previous.scope_id
    left join unioned as last_year
        on
            last_year.purpose = 'value'
            and valued.kpi_code = last_year.kpi_code
            and valued.period_grain = last_year.period_grain
            and periods.last_year_start_date = last_year.period_start_date
            and valued.scope_type = last_year.scope_type
            and valued.scope_id = last_year.scope_id
    left join unioned as elapsed
        on
            elapsed.purpose = 'previous'
            and valued.kpi_code = elapsed.kpi_code
            and valued.period_grain = elapsed.period_grain
            and valued.period_start_date = elapsed.period_start_date
            and valued.scope_type = elapsed.scope_type
            and valued.scope_id = elapsed.scope_id
    left join unioned as elapsed_last_year
        on
            elapsed_last_year.purpose = 'last_year'
            and valued.kpi_code = elapsed_last_year.kpi_code
            and valued.period_grain = elapsed_last_year.period_grain
            and valued.period_start_date = elapsed_last_year.period_start_date
            and valued.scope_type = elapsed_last_year.scope_type
            and valued.scope_id = elapsed_last_year.scope_id

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        period_end_date,
        case when trust_status <> 'no_source' then numerator end as numerator,
        case when trust_status <> 'no_source' then denominator end as denominator,
        value,
        case when kpi_code = 'ltv_cac_ratio' then {{ ltv_cac_band('value') }} end as band,
        cast(case
            when trust_status = 'no_source' then null
            when interval_method = 'wilson' then denominator
            when interval_method = 'poisson' then value
        end as bigint) as sample_size,
        case
            when interval_method = 'wilson' then {{ wilson_bound('numerator', 'denominator', 'low') }}
            when interval_method = 'poisson' then {{ poisson_bound('value', 'low') }}
        end as ci_low,
        case
            when interval_method = 'wilson' then {{ wilson_bound('numerator', 'denominator', 'high') }}
            when interval_method = 'poisson' then {{ poisson_bound('value', 'high') }}
        end as ci_high,
        previous_value,
        (value - previous_value) / nullif(abs(previous_value), 0) as change_rate,
        same_period_last_year_value,
        is_partial_period,
        is_mature,
        trust_status,
        case
            when trust_status = 'no_source' then 'no_source'
            when value is null and denominator > 0 then 'not_booked_yet'
            when value is null then 'no_base'
        end as no_value_reason,
        as_of_date

    from joined

)

select * from final
