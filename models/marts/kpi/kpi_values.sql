with

registry as (

    select * from {{ ref('kpi_registry') }}

),

compared as (

    select * from {{ ref('kpi_compared') }}

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

intervals as (

    select * from {{ ref('kpi_intervals') }}

),

scopes as (

    select * from {{ ref('dim_scopes') }}

),

joined as (

    select
        compared.kpi_code,
        compared.period_grain,
        compared.period_start_date,
        compared.scope_type,
        compared.scope_id,
        periods.period_end_date,
        periods.is_partial_period,
        registry.interval_method,
        {% for column in ['numerator', 'denominator', 'records_count', 'value'] %}
        case when trust.trust_status <> 'no_source' then compared.{{ column }} end as {{ column }},
        {% endfor %}
        case when trust.trust_status <> 'no_source' then intervals.records_count end as records,
        case when trust.trust_status <> 'no_source' then intervals.ci_low end as record_ci_low,
        case when trust.trust_status <> 'no_source' then intervals.ci_high end as record_ci_high,
        compared.previous_value,
        compared.same_period_last_year_value,
        -- what is counted within so many days is known that many days after the period's last day
        registry.matures_after is null
        or periods.period_end_date + cast(coalesce(windows.window_days, try_cast(registry.matures_after as bigint)) as integer)
        <= clocks.as_of_date as is_mature,
        trust.trust_status,
        clocks.as_of_date,
        registry.name_en as kpi_name_en,
        registry.name_fr as kpi_name_fr,
        registry.unit,
        coalesce(scopes.scope_name_en, compared.scope_id) as scope_name_en,
        coalesce(scopes.scope_name_fr, compared.scope_id) as scope_name_fr

    from compared
    cross join clocks
    inner join registry on compared.kpi_code = registry.kpi_code
    inner join periods
        on compared.period_grain = periods.period_grain and compared.period_start_date = periods.period_start_date
    inner join dates on periods.observed_until_date = dates.date_day
    inner join trust
        on
            compared.kpi_code = trust.kpi_code and compared.period_grain = trust.period_grain
            and compared.period_start_date = trust.period_start_date
    left join intervals
        on
            compared.kpi_code = intervals.kpi_code
            and compared.period_grain = intervals.period_grain and compared.period_start_date = intervals.period_start_date
            and compared.scope_type = intervals.scope_type and compared.scope_id = intervals.scope_id
    left join scopes on compared.scope_type = scopes.scope_type and compared.scope_id = scopes.scope_id
    left join windows
        on dates.fiscal_year = windows.fiscal_year and registry.matures_after = windows.from_stage || '_to_' || windows.to_stage

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        period_end_date,
        numerator,
        denominator,
        value,
        case when kpi_code = 'ltv_cac_ratio' then {{ ltv_cac_band('value') }} end as band,
        -- records are counted of those alone that have an interval from them
        cast(case interval_method when 'wilson' then denominator when 'poisson' then value else records end as bigint) as sample_size,
        {% for side in ['low', 'high'] %}
        case interval_method
            when 'wilson' then {{ wilson_bound('numerator', 'denominator', side) }}
            when 'poisson' then {{ poisson_bound('value', side) }}
            when 'bootstrap_records' then record_ci_{{ side }}
        end as ci_{{ side }},
        {% endfor %}
        previous_value,
        (value - previous_value) / nullif(abs(previous_value), 0) as change_rate,
        same_period_last_year_value,
        is_partial_period,
        is_mature,
        trust_status,
        case
            when trust_status = 'no_source' then 'no_source'
            when value is null and denominator > 0 then 'not_booked_yet'
            when value is null and records_count > 0 then 'not_reached'
            when kpi_code = 'pipeline_coverage_ratio' and denominator = 0 then 'achieved'
            when kpi_code = 'forecast_bookings_amount' and value is null then 'insufficient_history'
            when value is null then 'no_base'
        end as no_value_reason,
        as_of_date,
        kpi_name_en,
        kpi_name_fr,
        unit,
        scope_name_en,
        scope_name_fr

    from joined

)

select * from final
