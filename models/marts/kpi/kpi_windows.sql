with

periods as (

    select * from {{ ref('dim_periods') }}

),

-- a whole period is compared with whole ones; the running one with as many days of the ones before
final as (

    select
        period_grain,
        period_start_date,
        'value' as purpose,
        period_start_date as window_start_date,
        observed_until_date as window_end_date

    from periods

    union all

    select
        period_grain,
        period_start_date,
        'previous' as purpose,
        previous_start_date as window_start_date,
        cast(least(previous_start_date + cast(elapsed_days as integer) - 1, period_start_date - 1) as date) as window_end_date

    from periods
    where is_partial_period and previous_start_date is not null

    union all

    select
        period_grain,
        period_start_date,
        'last_year' as purpose,
        last_year_start_date as window_start_date,
        cast(last_year_start_date + cast(elapsed_days as integer) - 1 as date) as window_end_date

    from periods
    where is_partial_period

)

select * from final
