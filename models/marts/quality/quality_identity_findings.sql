with

match_rates as (

    select * from {{ ref('quality_match_rates') }}
    where is_low

),

match_limits as (

    select * from {{ ref('match_limits') }}

),

lines as (

    select * from {{ ref('fct_opportunity_lines') }}
    where status = 'won' and not adds_up

),

periods as (

    select * from {{ ref('dim_periods') }}

),

-- records that find nothing in another system are not of one period
unmatched as (

    select
        match_limits.needs as entity,
        periods.period_grain,
        periods.period_start_date,
        'low_match_rate' as finding

    from match_rates
    inner join match_limits on match_rates.entity = match_limits.entity
    cross join periods
    group by match_limits.needs, periods.period_grain, periods.period_start_date

),

adding_up as (

    select
        'opportunities' as entity,
        periods.period_grain,
        periods.period_start_date,
        'lines_do_not_add_up' as finding

    from lines
    inner join periods on lines.close_date between periods.period_start_date and periods.period_end_date
    group by periods.period_grain, periods.period_start_date

),

final as (

    select * from unmatched
    union all
    select * from adding_up

)

select * from final
