with

records as (

    select * from {{ ref('kpi_records') }}
    where record_code = 'sales_cycle_days'

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

years as (

    select
        fiscal_year,
        min(fiscal_year_start_date) as fiscal_year_start_date

    from dates
    group by fiscal_year

),

-- the deals won in the twelve months before a year begins: known by then, and the same whenever it is looked at
measured as (

    select
        years.fiscal_year,
        count(records.record_value) as deals_count,
        median(records.record_value) as median_days

    from years
    left join records
        on
            records.record_date >= years.fiscal_year_start_date - interval 1 year
            and records.record_date < years.fiscal_year_start_date
    group by years.fiscal_year

),

final as (

    select
        fiscal_year,
        deals_count,
        cast(median_days as double) as median_days,
        -- a month is 30.4375 days
        cast(case
            when deals_count >= {{ var('minimum_converters') }} then round(median_days / 30.4375)
            else {{ var('acquisition_lag_months') }}
        end as bigint) as lag_months

    from measured

)

select * from final
