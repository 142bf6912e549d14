with

registry as (

    select
        kpi_code,
        numerator as record_code,
        -- the percentile, as in p90
        cast(substring(denominator, 2) as bigint) as percentile,
        scopes,
        grains

    from {{ ref('kpi_registry') }}
    where aggregation = 'quantile'

),

records as (

    select * from {{ ref('kpi_records') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

placed as (

    select
        records.record_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        records.rep_id,
        records.team_id,
        records.segment,
        records.channel,
        records.product,
        records.record_value

    from records
    inner join windows on records.record_date between windows.window_start_date and windows.window_end_date

),

sorted as (

    select
        record_code,
        period_grain,
        period_start_date,
        purpose,
        {{ scope_columns() }},
        count(*) as records_count,
        list(record_value order by record_value nulls last) as record_values

    from placed
    group by {{ scope_grouping_sets(['record_code', 'period_grain', 'period_start_date', 'purpose']) }}

),

-- the place of the quantile among the records, in whole numbers: between which two, and how far from the first
found as (

    select
        registry.kpi_code,
        sorted.period_grain,
        sorted.period_start_date,
        sorted.purpose,
        sorted.scope_type,
        sorted.scope_id,
        sorted.records_count,
        sorted.record_values[(sorted.records_count - 1) * registry.percentile // 100 + 1] as lower_value,
        sorted.record_values[((sorted.records_count - 1) * registry.percentile + 99) // 100 + 1] as upper_value,
        cast((sorted.records_count - 1) * registry.percentile % 100 as double) / 100 as distance,
        -- there is no record at a place before the first or after the last
        sorted.record_values[{{ quantile_rank('sorted.records_count', 'registry.percentile', 'low') }}] as low_value,
        sorted.record_values[{{ quantile_rank('sorted.records_count', 'registry.percentile', 'high') }}] as high_value

    from registry
    inner join sorted
        on
            registry.record_code = sorted.record_code
            and {{ is_listed('sorted.scope_type', 'registry.scopes') }}
            and {{ is_listed('sorted.period_grain', 'registry.grains') }}

),

-- the company has a row for every period, also for one without a record
companies as (

    select
        registry.kpi_code,
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        'company' as scope_type,
        'all' as scope_id

    from registry
    inner join windows on {{ is_listed('windows.period_grain', 'registry.grains') }}

),

final as (

    select
        coalesce(found.kpi_code, companies.kpi_code) as kpi_code,
        coalesce(found.period_grain, companies.period_grain) as period_grain,
        coalesce(found.period_start_date, companies.period_start_date) as period_start_date,
        coalesce(found.purpose, companies.purpose) as purpose,
        coalesce(found.scope_type, companies.scope_type) as scope_type,
        coalesce(found.scope_id, companies.scope_id) as scope_id,
        coalesce(found.records_count, 0) as records_count,
        found.lower_value + (found.upper_value - found.lower_value) * found.distance as value,
        found.low_value,
        found.high_value

    from found
    full outer join companies
        on
            found.kpi_code = companies.kpi_code
            and found.period_grain = companies.period_grain
            and found.period_start_date = companies.period_start_date
            and found.purpose = companies.purpose
            and found.scope_type = companies.scope_type
            and found.scope_id = companies.scope_id

)

select * from final
