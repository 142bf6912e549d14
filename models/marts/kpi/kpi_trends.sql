with

registry as (

    select * from {{ ref('kpi_registry') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where scope_type in ('company', 'team', 'rep')

),

trust as (

    select * from {{ ref('quality_kpi_trust') }}

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain in ('week', 'month', 'quarter')

),

-- 13 periods are shown, each with the 13 up to it
aged as (

    select
        *,
        max(period_number) over (partition by period_grain) - period_number as age

    from periods

),

-- who has had a value goes on having one: a rep who made no call since is at 0; what a period will bring stays unknown
lines as (

    select
        registry.kpi_code,
        {{ is_counted('registry') }} as is_counted,
        kpi_values.period_grain,
        kpi_values.scope_type,
        kpi_values.scope_id,
        min(kpi_values.period_start_date) as first_start_date

    from kpi_values
    inner join registry on kpi_values.kpi_code = registry.kpi_code
    inner join aged
        on
            kpi_values.period_grain = aged.period_grain
            and kpi_values.period_start_date = aged.period_start_date
    where aged.age < 25
    group by registry.kpi_code, registry.aggregation, registry.unit, kpi_values.period_grain, kpi_values.scope_type, kpi_values.scope_id

),

series as (

    select
        lines.*,
        aged.period_start_date,
        aged.is_partial_period,
        aged.age,
        trust.trust_status,
        trust.reasons_en,
        trust.reasons_fr

    from lines
    inner join aged
        on
            lines.period_grain = aged.period_grain
            and lines.first_start_date <= aged.period_start_date
    inner join trust
        on
            lines.kpi_code = trust.kpi_code
            and aged.period_grain = trust.period_grain
            and aged.period_start_date = trust.period_start_date

),

valued as (

    select
        series.*,
        kpi_values.kpi_code is not null as has_facts,
        case
            when kpi_values.kpi_code is not null then kpi_values.value
            when series.is_counted and series.trust_status <> 'no_source' then 0
        end as value,
        kpi_values.previous_value,
        kpi_values.sample_size,
        kpi_values.band,
        coalesce(kpi_values.is_mature, true) as is_mature,
        kpi_values.no_value_reason

    from series
    left join kpi_values
        on
            series.kpi_code = kpi_values.kpi_code
            and series.period_grain = kpi_values.period_grain
            and series.period_start_date = kpi_values.period_start_date
            and series.scope_type = kpi_values.scope_type
            and series.scope_id = kpi_values.scope_id

),

followed as (

    select
        *,
        lag(value) over (partition by kpi_code, period_grain, scope_type, scope_id order by period_start_date) as value_before

    from valued

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        is_partial_period,
        age < 13 as is_shown,
        has_facts,
        value,
        case
            when previous_value is not null or not is_counted then previous_value
            when not is_partial_period then value_before
            -- up to this point of the period before nothing was recorded
            when has_facts and value_before is not null then 0
        end as previous_value,
        {{ json_series(
            'value',
            'partition by kpi_code, period_grain, scope_type, scope_id order by period_start_date rows between 12 preceding and current row'
        ) }} as trend,
        band,
        sample_size,
        is_mature,
        no_value_reason,
        trust_status,
        reasons_en,
        reasons_fr

    from followed

)

select * from final
