with

orphaned_lines as (

    select * from {{ ref('int_quickbooks_lines__orphaned') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

costs as (

    select * from {{ ref('fct_costs') }}

),

identity_findings as (

    select * from {{ ref('quality_identity_findings') }}

),

days as (

    select entity, found_date, finding from {{ ref('quality_incomplete_days') }}
    union all
    select entity, found_date, finding from {{ ref('quality_impossible_days') }}

),

-- a ledger that ends more than a week before a period does has not booked all of it; one without a line for a year is closed
last_booked as (

    select
        source_instance,
        max(booked_date) as last_booked_date

    from costs
    group by source_instance

),

unbooked as (

    select
        'costs' as entity,
        periods.period_grain,
        periods.period_start_date,
        'costs_not_booked_to_the_end' as finding

    from periods
    inner join last_booked on last_booked.last_booked_date >= periods.observed_until_date - 365
    group by periods.period_grain, periods.period_start_date, periods.observed_until_date
    having min(last_booked.last_booked_date) < periods.observed_until_date - 7

),

-- a line has the date of its document: without it, any period may be the one that misses it
undated as (

    select
        'costs' as entity,
        periods.period_grain,
        periods.period_start_date,
        'cost_lines_without_document' as finding

    from periods
    cross join orphaned_lines
    group by periods.period_grain, periods.period_start_date

),

final as (

    select * from unbooked

    union all

    select * from identity_findings

    union all

    select * from undated

    union all

    select
        days.entity,
        periods.period_grain,
        periods.period_start_date,
        days.finding

    from days
    inner join periods on days.found_date between periods.period_start_date and periods.period_end_date
    group by days.entity, periods.period_grain, periods.period_start_date, days.finding

)

select * from final
