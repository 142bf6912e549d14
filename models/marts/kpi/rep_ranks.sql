with

estimates as (

    select * from {{ ref('rep_estimates') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

-- the first level, from the narrowest, with enough people to say what is usual
chosen as (

    select
        rep_id,
        period_grain,
        period_start_date,
        measure_code,
        min(level) as level

    from estimates
    where peers_count >= {{ var('minimum_peers') }}
    group by rep_id, period_grain, period_start_date, measure_code

),

directed as (

    select
        estimates.rep_id,
        estimates.period_grain,
        estimates.period_start_date,
        estimates.measure_code,
        estimates.peer_group,
        estimates.level,
        estimates.peers_count,
        estimates.lead * case registry.direction when 'down' then -1 else 1 end as lead,
        -- where nobody differs, anybody may have any place
        case when estimates.lead_error > 0 then estimates.lead_error else 1 end as lead_error

    from estimates
    inner join registry on estimates.measure_code = registry.kpi_code

),

-- a rep's true place at three points of what is likely (Gauss and Hermite)
points as (

    select
        directed.*,
        nodes.sixths / 6.0 as weight,
        directed.lead + nodes.distance * directed.lead_error as point

    from directed
    inner join chosen
        on
            directed.rep_id = chosen.rep_id
            and directed.period_grain = chosen.period_grain
            and directed.period_start_date = chosen.period_start_date
            and directed.measure_code = chosen.measure_code
            and directed.level = chosen.level
    cross join (values (-1.7320508075688772, 1), (0, 4), (1.7320508075688772, 1)) as nodes (distance, sixths)

),

-- how likely each of the peers is better
compared as (

    select
        points.rep_id,
        points.period_grain,
        points.period_start_date,
        points.measure_code,
        points.peer_group,
        points.peers_count,
        points.weight,
        points.point,
        {{ normal_share('(peers.lead - points.point) / peers.lead_error') }} as better_share

    from points
    inner join directed as peers
        on
            points.period_grain = peers.period_grain
            and points.period_start_date = peers.period_start_date
            and points.measure_code = peers.measure_code
            and points.peer_group = peers.peer_group
            and points.rep_id <> peers.rep_id

),

placed as (

    select
        rep_id,
        period_grain,
        period_start_date,
        measure_code,
        peer_group,
        peers_count,
        weight,
        1 + {{ exact_sum('better_share') }} as place,
        {{ exact_sum('better_share * (1 - better_share)') }} as place_variance

    from compared
    group by rep_id, period_grain, period_start_date, measure_code, peer_group, peers_count, weight, point

),

ranked as (

    select
        rep_id,
        period_grain,
        period_start_date,
        measure_code,
        peer_group,
        peers_count,
        {{ exact_sum('weight * place') }} as rank_mean,
        sqrt(greatest(
            0,
            {{ exact_sum('weight * (place_variance + place * place)') }} - power({{ exact_sum('weight * place') }}, 2)
        )) as rank_error

    from placed
    group by rep_id, period_grain, period_start_date, measure_code, peer_group, peers_count

),

final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        measure_code as kpi_code,
        peer_group,
        peers_count,
        greatest(1, round(rank_mean - 1.2815515655446004 * rank_error)) as rank_low,
        least(peers_count, round(rank_mean + 1.2815515655446004 * rank_error)) as rank_high

    from ranked

)

select * from final
