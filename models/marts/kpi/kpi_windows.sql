with

periods as (

    select * from {{ ref('dim_periods') }}

),

-- a whole period is compared with whole ones; the running one with others up to the same point, at most with all days before it
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
        least({{ same_point('periods', 'previous_start_date') }}, period_start_date - 1) as window_end_date

    from periods
    where is_partial_period and previous_start_date is not null

    union all

    select
        period_grain,
        period_start_date,
        'last_year' as purpose,
        last_year_start_date as window_start_date,
        least({{ same_point('periods', 'last_year_start_date') }}, period_start_date - 1) as window_end_date

    from periods
    where is_partial_period

)

select * from final
