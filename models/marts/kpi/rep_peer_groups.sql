with

measures as (

    select * from {{ ref('rep_measures') }}

),

summed as (

    select
        period_grain,
        period_start_date,
        measure_code,
        peer_group,
        statistic,
        count(*) as peers_count,
        {{ exact_sum('exposure') }} as exposure,
        {{ exact_sum('power(exposure, 2)') }} as exposure_squares,
        {{ exact_sum('exposure * rate') }} / {{ exact_sum('exposure') }} as mean_rate,
        {{ exact_sum('spread') }} / nullif({{ exact_sum('spread_weight') }}, 0) as spread

    from measures
    group by period_grain, period_start_date, measure_code, peer_group, statistic

),

-- how much one record, or one day, differs by chance alone
noised as (

    select
        *,
        case statistic
            when 'share' then mean_rate * (1 - mean_rate)
            when 'count' then mean_rate * greatest(1, coalesce(spread, 1))
            else spread
        end as noise

    from summed

),

deviations as (

    select
        measures.period_grain,
        measures.period_start_date,
        measures.measure_code,
        measures.peer_group,
        {{ exact_sum('measures.exposure * power(measures.rate - noised.mean_rate, 2)') }} as deviation

    from measures
    inner join noised
        on
            measures.period_grain = noised.period_grain
            and measures.period_start_date = noised.period_start_date
            and measures.measure_code = noised.measure_code
            and measures.peer_group = noised.peer_group
    group by measures.period_grain, measures.period_start_date, measures.measure_code, measures.peer_group

),

-- by moments: what the reps differ by beyond chance is how much they are different
final as (

    select
        noised.period_grain,
        noised.period_start_date,
        noised.measure_code,
        noised.peer_group,
        noised.statistic,
        noised.peers_count,
        noised.exposure,
        noised.exposure_squares,
        noised.mean_rate,
        noised.noise,
        greatest(
            0,
            (deviations.deviation - (noised.peers_count - 1) * noised.noise)
            / nullif(noised.exposure - noised.exposure_squares / noised.exposure, 0)
        ) as variance

    from noised
    inner join deviations
        on
            noised.period_grain = deviations.period_grain
            and noised.period_start_date = deviations.period_start_date
            and noised.measure_code = deviations.measure_code
            and noised.peer_group = deviations.peer_group

)

select * from final
