with

measures as (

    select * from {{ ref('rep_measures') }}

),

peer_groups as (

    select * from {{ ref('rep_peer_groups') }}

),

-- the group knows where a rep is likely to be; the more records of their own, the less it is asked
shrunk as (

    select
        measures.rep_id,
        measures.period_grain,
        measures.period_start_date,
        measures.measure_code,
        measures.peer_group,
        measures.level,
        measures.statistic,
        measures.exposure,
        measures.rate,
        peer_groups.peers_count,
        peer_groups.mean_rate,
        peer_groups.noise,
        (peer_groups.exposure * peer_groups.mean_rate - measures.exposure * measures.rate)
        / nullif(peer_groups.exposure - measures.exposure, 0) as others_rate,
        peer_groups.noise / measures.exposure as chance_variance,
        case
            when peer_groups.variance > 0
                then peer_groups.variance / (peer_groups.variance + peer_groups.noise / measures.exposure)
            else 0
        end as reliability,
        (peer_groups.variance * peer_groups.exposure_squares + peer_groups.noise * peer_groups.exposure)
        / power(peer_groups.exposure, 2) as mean_variance

    from measures
    inner join peer_groups
        on
            measures.period_grain = peer_groups.period_grain
            and measures.period_start_date = peer_groups.period_start_date
            and measures.measure_code = peer_groups.measure_code
            and measures.peer_group = peer_groups.peer_group
    where peer_groups.noise is not null

),

estimated as (

    select
        *,
        mean_rate + reliability * (rate - mean_rate) as shrunk_rate

    from shrunk

),

final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        measure_code,
        peer_group,
        level,
        peers_count,
        exposure,
        mean_rate,
        others_rate,
        shrunk_rate,
        reliability,
        sqrt(chance_variance) / nullif(abs(mean_rate), 0) as chance_share,
        shrunk_rate - mean_rate as lead,
        -- chance is larger where more happens
        sqrt(
            reliability * chance_variance * greatest(
                case
                    when statistic = 'share' then shrunk_rate * (1 - shrunk_rate) / nullif(noise, 0)
                    when statistic in ('count', 'amount') then shrunk_rate / nullif(mean_rate, 0)
                    else 1
                end,
                0
            )
            + power(reliability, 2) * mean_variance
        ) as lead_error

    from estimated

)

select * from final
