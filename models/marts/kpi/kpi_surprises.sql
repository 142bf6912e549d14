with

expectations as (

    select * from {{ ref('kpi_expectations') }}

),

-- the nearest of what is usual
nearest as (

    select
        *,
        case
            when expected_value is not null
                then least(greatest(value, expected_value * lowest_share), expected_value * highest_share)
        end as usual_value

    from expectations

),

-- counts on the scale of square roots and shares on that of arcsines, where chance is as wide at 10 as at 1,000; amounts
-- as a share of the middle, so that one large deal, or next to nothing before, cannot be surprising without bounds
measured as (

    select
        *,
        {{ distance('value', 'usual_value', 'interval_method') }} as surprise,
        {{ distance('value', 'expected_value', 'interval_method') }} as whole_surprise,
        -- what chance alone does to a sample of this size, and to the samples the expectation is made of
        case
            when interval_method = 'wilson' then 0.25 / nullif(denominator, 0) + 0.25 / nullif(denominator_before, 0)
            when interval_method = 'poisson' and expectation_method = 'season' and expected_value > 0
                then 1 / expected_value + 1 / nullif(value_before, 0) + 1 / nullif(season_value, 0)
            when expected_value > 0 and value > 0 then power((ci_high - ci_low) / 3.92 / value, 2) * value / expected_value
        end as sampling_variance

    from nearest

),

-- how far the KPI was from what was expected in all periods up to the one before the last: a change that has just begun
-- would widen what is usual, and hide itself
judged as (

    select
        *,
        count(case when is_learnt_from then whole_surprise end) over earlier as surprises_before,
        avg(case when is_learnt_from then whole_surprise * whole_surprise end) over earlier as own_variance,
        avg(case when is_learnt_from then whole_surprise * whole_surprise / nullif(sampling_variance, 0) end) over earlier as dispersion

    from measured
    window earlier as (
        partition by kpi_code, period_grain, scope_type, scope_id
        order by period_number range between unbounded preceding and 2 preceding
    )

),

-- chance, or as much wider as it used to be; where no sample tells what chance does, the KPI's own past alone
spread as (

    select
        *,
        case
            when surprises_before >= {{ var('minimum_surprises') }}
                then coalesce(sampling_variance * greatest(1, dispersion), own_variance)
        end as variance

    from judged

),

scored as (

    select
        *,
        surprise / nullif(sqrt(variance), 0) as t_score

    from spread

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        period_end_date,
        is_partial_period,
        is_headline,
        direction,
        interval_method,
        minimum_sample,
        value,
        numerator,
        denominator,
        sample_size,
        is_mature,
        trust_status,
        is_learnt_from,
        expected_value,
        season_share,
        surprise,
        variance,
        cast(surprises_before as bigint) as surprises_before,
        t_score,
        {{ two_sided_p('t_score', 'surprises_before') }} as p_value

    from scored

)

select * from final
