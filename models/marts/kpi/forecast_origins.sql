with

dates as (

    select * from {{ ref('dim_dates') }}

),

wins as (

    select * from {{ ref('fct_bookings') }}
    where event_type = 'win' and opportunity_type <> 'renewal'

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

first_facts as (
    {{ first_date_of({'fct_pipeline_spells': 'from_date', 'fct_bookings': 'booking_date'}) }}

),

-- the as-of date itself, and the month ends of the three years that are tested, and of those whose errors these knew
as_of_dates as (

    select
        dates.date_day as as_of_date,
        dates.date_day = clocks.as_of_date as is_current,
        first_facts.first_date

    from dates
    cross join clocks
    cross join first_facts
    where
        dates.date_day between first_facts.first_date and clocks.as_of_date
        and (
            dates.date_day = clocks.as_of_date
            or (dates.date_day = last_day(dates.date_day) and dates.date_day > clocks.as_of_date - interval 66 month)
        )

),

bounds as (

    select 'month' as period_grain, month_start_date as period_start_date, min(date_day) as first_date, max(date_day) as period_end_date
    from dates
    group by month_start_date
    union all
    select
        'quarter' as period_grain, fiscal_quarter_start_date as period_start_date, min(date_day) as first_date,
        max(date_day) as period_end_date
    from dates
    group by fiscal_quarter_start_date

),

known_wins as (

    select
        as_of_dates.as_of_date,
        count(*) as wins_count

    from as_of_dates
    inner join wins on {{ local_date('wins.event_at') }} <= as_of_dates.as_of_date
    group by as_of_dates.as_of_date

),

-- of the evening of a last day the next period is the one that is under way
final as (

    select
        as_of_dates.as_of_date,
        bounds.period_grain,
        cast(bounds.period_start_date as date) as period_start_date,
        bounds.period_end_date,
        cast(date_diff('day', as_of_dates.as_of_date, bounds.period_end_date) as bigint) as horizon_days,
        as_of_dates.is_current,
        as_of_dates.first_date,
        -- half a year of days whose ends are known, and wins among what followed them
        date_diff('day', as_of_dates.first_date, as_of_dates.as_of_date)
        - date_diff('day', as_of_dates.as_of_date, bounds.period_end_date) >= 182
        and coalesce(known_wins.wins_count, 0) >= {{ var('minimum_converters') }} as is_learnt

    from as_of_dates
    inner join bounds on as_of_dates.as_of_date + 1 between bounds.first_date and bounds.period_end_date
    left join known_wins on as_of_dates.as_of_date = known_wins.as_of_date

)

select * from final
