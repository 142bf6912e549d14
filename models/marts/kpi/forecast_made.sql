with

expected as (

    select * from {{ ref('forecast_expected') }}

),

asked as (

    select as_of_date, period_grain, scope_type
    from expected
    group by as_of_date, period_grain, scope_type

),

-- what is entered late is waited for a month; what comes later yet would be known to no forecast
settled as (

    select
        period_grain,
        scope_type,
        period_end_date + 31 as settled_date,
        (settled_amount - expected_amount) / deviation as error

    from expected
    where is_over and not is_current and is_learnt and basis <> 'no_history' and deviation > 0

),

-- how far off forecasts were, in deviations, of those settled in the two years before
errors as (

    select
        asked.as_of_date,
        asked.period_grain,
        asked.scope_type,
        settled.error,
        row_number() over (partition by asked.as_of_date, asked.period_grain, asked.scope_type order by settled.error) as error_number,
        count(*) over (partition by asked.as_of_date, asked.period_grain, asked.scope_type) as errors_count

    from asked
    inner join settled
        on
            asked.period_grain = settled.period_grain
            and asked.scope_type = settled.scope_type
            and settled.settled_date <= asked.as_of_date
            and settled.settled_date > asked.as_of_date - interval 24 month

),

-- one in ten of those to come lies below the lower, one in ten above the upper of these
bounds as (

    select
        as_of_date,
        period_grain,
        scope_type,
        max(errors_count) as errors_count,
        max(case when error_number = greatest(1, floor(0.1 * (errors_count + 1))) then error end) as low_error,
        max(case when error_number = least(errors_count, ceil(0.9 * (errors_count + 1))) then error end) as high_error

    from errors
    group by as_of_date, period_grain, scope_type

),

-- where one's own errors are few, the risk of the deals says how far off one may be; a quarter of which a month is left is as sure as
-- that month, or the two would contradict each other
ranged as (

    select
        expected.*,
        coalesce(bounds.errors_count, 0) as errors_count,
        (coalesce(bounds.errors_count * bounds.low_error, 0) - {{ var('forecast_normal_count') }} * 1.2815515655)
        / (coalesce(bounds.errors_count, 0) + {{ var('forecast_normal_count') }}) as low_error,
        (coalesce(bounds.errors_count * bounds.high_error, 0) + {{ var('forecast_normal_count') }} * 1.2815515655)
        / (coalesce(bounds.errors_count, 0) + {{ var('forecast_normal_count') }}) as high_error

    from expected
    left join bounds
        on
            expected.as_of_date = bounds.as_of_date
            and bounds.period_grain = case
                when date_trunc('month', expected.as_of_date + 1) = date_trunc('month', expected.period_end_date) then 'month'
                else expected.period_grain
            end
            and expected.scope_type = bounds.scope_type

),

final as (

    select
        as_of_date,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        period_end_date,
        is_current,
        is_learnt,
        is_over,
        basis,
        open_count,
        without_amount_count,
        won_to_date_amount,
        open_expected_amount,
        create_and_close_amount,
        expected_amount,
        greatest(least(expected_amount, expected_amount + low_error * deviation), least(won_to_date_amount, expected_amount)) as low_amount,
        greatest(expected_amount, expected_amount + high_error * deviation) as high_amount,
        cast(errors_count as bigint) as errors_count,
        crm_amount,
        last_year_amount,
        last_period_amount,
        actual_amount

    from ranged

)

select * from final
