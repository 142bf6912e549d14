with

found as (

    select * from {{ ref('int_quality__tables_found') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

final as (

    select
        found.source_system,
        found.source_instance,
        found.table_name,
        found.entity,
        periods.period_grain,
        periods.period_start_date,
        found.finding,
        min(found.from_date) as from_date,
        -- what has no last day goes on
        case when bool_and(found.to_date is not null) then max(found.to_date) end as to_date

    from found
    inner join periods
        on
            periods.period_end_date >= coalesce(found.from_date, periods.period_start_date)
            and periods.period_start_date <= coalesce(found.to_date, periods.period_end_date)
    group by
        found.source_system, found.source_instance, found.table_name, found.entity, periods.period_grain, periods.period_start_date,
        found.finding

)

select * from final
