{% set of_the_year = 'case when history.periods_ago <= next_periods.year_count then history.' %}
with

history as (

    select * from {{ ref('kpi_target_history') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where not is_past

),

-- the next month, fiscal quarter and fiscal year, how many of them make a year and how many half a year at least
next_periods as (

    select 'month' as period_grain, min(month_start_date) as period_start_date, 12 as year_count, 6 as half_year_count
    from dates where month_start_date = date_day
    union all
    select 'quarter' as period_grain, min(fiscal_quarter_start_date) as period_start_date, 4 as year_count, 2 as half_year_count
    from dates where fiscal_quarter_start_date = date_day
    union all
    select 'year' as period_grain, min(fiscal_year_start_date) as period_start_date, 1 as year_count, 1 as half_year_count
    from dates where fiscal_year_start_date = date_day

),

-- sum the parts of a year, or of what there is since the scope began, then divide; who did nothing for half a year has left
bases as (

    select
        history.kpi_code, history.period_grain, history.scope_type, history.scope_id, history.aggregation, history.direction,
        history.unit, history.interval_method, history.minimum_sample, next_periods.year_count, next_periods.half_year_count,
        max(history.periods_ago) as periods_known,
        count(*) as periods_seen,
        least(next_periods.year_count, max(history.periods_ago)) as periods_count,
        sum(case when history.periods_ago <= next_periods.year_count then history.sample_size end) as sample_size,
        case
            when history.aggregation = 'ratio'
                then {{ exact_sum(of_the_year ~ 'numerator end') }} / nullif({{ exact_sum(of_the_year ~ 'denominator end') }}, 0)
            when history.aggregation = 'sum'
                then {{ exact_sum(of_the_year ~ 'value end') }} / least(next_periods.year_count, max(history.periods_ago))
            -- a stock is stretched from where it stands
            else max_by(history.value, history.period_start_date)
        end as base_value

    from history
    inner join next_periods on history.period_grain = next_periods.period_grain
    group by
        history.kpi_code, history.period_grain, history.scope_type, history.scope_id, history.aggregation, history.direction,
        history.unit, history.interval_method, history.minimum_sample, next_periods.year_count, next_periods.half_year_count
    having min(history.periods_ago) <= next_periods.half_year_count

),

stretched as (

    select
        *,
        periods_count >= half_year_count and (sample_size is null or sample_size >= minimum_sample) as is_enough,
        case
            when direction = 'down' then base_value * (1 - {{ var('target_uplift_rate') }})
            -- a share ends at 1; what customers pay now of what they paid, and what is signed of a quota, do not
            when interval_method = 'wilson' or (unit = 'rate' and kpi_code not in ('nrr_rate', 'quota_attainment_rate'))
                then least(1, base_value * (1 + {{ var('target_uplift_rate') }}))
            else base_value * (1 + {{ var('target_uplift_rate') }})
        end as proposed_value

    from bases

),

-- how often history has been there
reached as (

    select
        stretched.kpi_code, stretched.period_grain, stretched.scope_type, stretched.scope_id,
        sum(
            case
                when stretched.direction = 'down' and history.value <= stretched.proposed_value then 1.0
                when stretched.direction = 'up' and history.value >= stretched.proposed_value then 1.0
                else 0.0
            end
        ) / max(case when stretched.aggregation = 'sum' then stretched.periods_known else stretched.periods_seen end) as reached_share

    from stretched
    inner join history
        on
            stretched.kpi_code = history.kpi_code
            and stretched.period_grain = history.period_grain
            and stretched.scope_type = history.scope_type
            and stretched.scope_id = history.scope_id
    group by stretched.kpi_code, stretched.period_grain, stretched.scope_type, stretched.scope_id

),

-- of a sum a period takes its share, what builds up has a base for each length, any other rate is the same for all
shared as (

    select
        stretched.*,
        next_periods.period_grain as next_grain,
        next_periods.period_start_date,
        case when stretched.aggregation = 'sum' then cast(4 as double) / next_periods.year_count else 1 end as quarters_worth

    from stretched
    inner join registry on stretched.kpi_code = registry.kpi_code
    inner join next_periods on {{ is_listed('next_periods.period_grain', 'registry.grains') }}
    where
        next_periods.period_start_date is not null
        and (stretched.period_grain = next_periods.period_grain or coalesce(registry.within_period, 'none') <> 'builds_up')

),

final as (

    select
        shared.kpi_code, shared.next_grain as period_grain, shared.period_start_date, shared.scope_type, shared.scope_id,
        cast(shared.quarters_worth * shared.base_value as double) as base_value,
        cast(case when shared.direction = 'down' then -1 else 1 end * {{ var('target_uplift_rate') }} as double) as uplift_rate,
        cast(case when shared.is_enough then shared.quarters_worth * shared.proposed_value end as double) as proposed_value,
        cast(case when shared.is_enough then reached.reached_share end as double) as reached_share,
        -- six months are two quarters, a year is four
        cast(floor(shared.periods_count * 4 / shared.year_count) as bigint) as quarters_count,
        case
            when not shared.is_enough then 'insufficient_history'
            when reached.reached_share = 0 then 'out_of_reach'
            when reached.reached_share = 1 then 'no_stretch'
            else 'proposed'
        end as proposal_status

    from shared
    inner join reached
        on
            shared.kpi_code = reached.kpi_code
            and shared.period_grain = reached.period_grain
            and shared.scope_type = reached.scope_type
            and shared.scope_id = reached.scope_id

)

select * from final
