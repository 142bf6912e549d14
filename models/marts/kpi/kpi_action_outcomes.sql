with

actions as (

    select * from {{ ref('kpi_actions') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- months, or quarters of what is only steered by the quarter; the one of the decision is on neither side
surprises as (

    select * from {{ ref('kpi_surprises') }}
    where is_learnt_from and period_grain <> 'week'

),

sided as (

    select
        actions.action_id,
        surprises.period_start_date,
        surprises.interval_method,
        surprises.numerator,
        surprises.denominator,
        surprises.sample_size,
        surprises.season_share,
        surprises.variance,
        case when surprises.period_start_date > actions.decided_on then 'after' else 'before' end as side,
        row_number() over (
            partition by actions.action_id, surprises.period_start_date > actions.decided_on
            order by surprises.period_start_date desc
        ) as periods_ago

    from actions
    inner join registry on actions.kpi_code = registry.kpi_code
    inner join surprises
        on
            actions.kpi_code = surprises.kpi_code
            and actions.scope_type = surprises.scope_type
            and actions.scope_id = surprises.scope_id
            and surprises.period_grain = case when registry.cadence = 'quarter' then 'quarter' else 'month' end
    where
        (surprises.period_start_date > actions.decided_on and surprises.period_end_date < actions.review_on)
        or surprises.period_end_date < actions.decided_on

),

summed as (

    select
        action_id,
        side,
        max(interval_method) as interval_method,
        sum(numerator) / nullif(sum(denominator), 0) as value,
        -- months without a record have no sample of an amount: together they are a sample of none
        coalesce(sum(sample_size), case when max(interval_method) <> 'none' then 0 end) as sample_size,
        -- unknown where it is unknown of one of the periods
        case when count(season_share) = count(*) then avg(season_share) end as season_share,
        case when count(variance) = count(*) then avg(variance) / count(*) end as variance

    from sided
    where side = 'after' or periods_ago <= 3
    group by action_id, side

),

-- what the periods before would have been in the season of those after
paired as (

    select
        actions.*,
        registry.direction,
        registry.minimum_sample,
        clocks.as_of_date,
        past.value as raw_before_value,
        past.value * coalesce(later.season_share / nullif(past.season_share, 0), 1) as before_value,
        past.variance as before_variance,
        past.interval_method,
        later.value as after_value,
        later.variance as after_variance,
        later.season_share is not null and past.season_share is not null as is_season_adjusted,
        least(past.sample_size, later.sample_size) as sample_size

    from actions
    inner join registry on actions.kpi_code = registry.kpi_code
    cross join clocks
    left join summed as past on actions.action_id = past.action_id and past.side = 'before'
    left join summed as later on actions.action_id = later.action_id and later.side = 'after'

),

bounded as (

    select
        *,
        case when direction = 'down' then before_value - after_value else after_value - before_value end as gain,
        1.959963984540054 * sqrt(
            before_variance * power({{ spread_of('before_value', 'interval_method') }}, 2)
            + after_variance * power({{ spread_of('after_value', 'interval_method') }}, 2)
        ) as margin

    from paired

),

final as (

    select
        action_id,
        kpi_code,
        scope_type,
        scope_id,
        decided_on,
        review_on,
        before_value,
        raw_before_value,
        after_value,
        after_value - before_value - margin as ci_low,
        after_value - before_value + margin as ci_high,
        case
            when as_of_date < review_on or after_value is null then 'too_early'
            when before_value is null or margin is null or sample_size < minimum_sample then 'not_enough_data'
            when gain > margin then 'improved'
            when gain < -margin then 'worsened'
            else 'no_clear_change'
        end as outcome,
        is_season_adjusted

    from bounded

)

select * from final
