with

periods as (

    select * from {{ ref('dim_periods') }}

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

newest as (

    select
        period_grain,
        max(period_number) as newest_number

    from periods
    group by period_grain

),

-- where the parts of a period, and of what it is compared with, are found
sided as (

    select
        periods.period_grain,
        periods.period_start_date,
        'current' as side,
        periods.period_start_date as part_start_date,
        'value' as part_purpose

    from periods
    inner join newest on periods.period_grain = newest.period_grain
    where periods.previous_start_date is not null and periods.period_number > newest.newest_number - {{ var('driver_periods') }}

    union all

    select
        periods.period_grain,
        periods.period_start_date,
        'previous' as side,
        case when periods.is_partial_period then periods.period_start_date else periods.previous_start_date end as part_start_date,
        case when periods.is_partial_period then 'previous' else 'value' end as part_purpose

    from periods
    inner join newest on periods.period_grain = newest.period_grain
    where periods.previous_start_date is not null and periods.period_number > newest.newest_number - {{ var('driver_periods') }}

),

final as (

    select
        sided.period_grain,
        sided.period_start_date,
        sided.side,
        sided.part_start_date,
        sided.part_purpose,
        windows.window_start_date,
        windows.window_end_date

    from sided
    inner join windows
        on
            sided.period_grain = windows.period_grain
            and sided.part_start_date = windows.period_start_date
            and sided.part_purpose = windows.purpose

)

select * from final
