with

quarters as (

    select * from {{ ref('kpi_quarters') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where not is_past

),

-- the next month, fiscal quarter and fiscal year, and how many quarters' worth of a sum they hold
next_periods as (

    select 'month' as period_grain, min(month_start_date) as period_start_date, 1 / 3.0 as quarters_worth
    from dates where month_start_date = date_day
    union all
    select 'quarter' as period_grain, min(fiscal_quarter_start_date) as period_start_date, 1 as quarters_worth
    from dates where fiscal_quarter_start_date = date_day
    union all
    select 'year' as period_grain, min(fiscal_year_start_date) as period_start_date, 4 as quarters_worth
    from dates where fiscal_year_start_date = date_day

),

-- sum the parts of the last four quarters, or of those since the scope began, divide last; who has done nothing for two
-- quarters has left
bases as (

    select
        kpi_code,
        scope_type,
        scope_id,
        aggregation,
        direction,
        unit,
        interval_method,
        minimum_sample,
        max(quarters_ago) as quarters_known,
        count(*) as quarters_seen,
        least(4, max(quarters_ago)) as quarters_count,
        sum(case when quarters_ago <= 4 then sample_size end) as sample_size,
        case
            when aggregation = 'ratio'
                then sum(case when quarters_ago <= 4 then numerator end) / nullif(sum(case when quarters_ago <= 4 then denominator end), 0)
            when aggregation = 'sum' then sum(case when quarters_ago <= 4 then value end) / least(4, max(quarters_ago))
            else avg(case when quarters_ago <= 4 then value end)
        end as quarter_base_value

    from quarters
    group by kpi_code, scope_type, scope_id, aggregation, direction, unit, interval_method, minimum_sample
    having min(quarters_ago) <= 2

),

stretched as (

    select
        *,
        quarters_count >= 2 and (sample_size is null or sample_size >= minimum_sample) as is_enough,
        case
            when direction = 'down' then quarter_base_value * (1 - {{ var('target_uplift_rate') }})
            -- a share ends at 1; what customers pay now of what they paid, and what is signed of a quota, do not
            when interval_method = 'wilson' or (unit = 'rate' and kpi_code not in ('nrr_rate', 'quota_attainment_rate'))
                then least(1, quarter_base_value * (1 + {{ var('target_uplift_rate') }}))
            else quarter_base_value * (1 + {{ var('target_uplift_rate') }})
        end as quarter_proposed_value

    from bases

),

-- how often history has been there
reached as (

    select
        stretched.kpi_code,
        stretched.scope_type,
        stretched.scope_id,
        sum(
            case
                when stretched.direction = 'down' and quarters.value <= stretched.quarter_proposed_value then 1.0
                when stretched.direction = 'up' and quarters.value >= stretched.quarter_proposed_value then 1.0
                else 0.0
            end
        ) / max(case when stretched.aggregation = 'sum' then stretched.quarters_known else stretched.quarters_seen end) as reached_share

    from stretched
    inner join quarters
        on
            stretched.kpi_code = quarters.kpi_code
            and stretched.scope_type = quarters.scope_type
            and stretched.scope_id = quarters.scope_id
    group by stretched.kpi_code, stretched.scope_type, stretched.scope_id

),

-- of a sum a period takes its share, a rate is the same for all
shared as (

    select
        stretched.*,
        next_periods.period_grain,
        next_periods.period_start_date,
        case when stretched.aggregation = 'sum' then next_periods.quarters_worth else 1 end as quarters_worth

    from stretched
    inner join registry on stretched.kpi_code = registry.kpi_code
    inner join next_periods on {{ is_listed('next_periods.period_grain', 'registry.grains') }}
    where next_periods.period_start_date is not null

),

final as (

    select
        shared.kpi_code,
        shared.period_grain,
        shared.period_start_date,
        shared.scope_type,
        shared.scope_id,
        cast(shared.quarters_worth * shared.quarter_base_value as double) as base_value,
        cast(case when shared.direction = 'down' then -1 else 1 end * {{ var('target_uplift_rate') }} as double) as uplift_rate,
        cast(case when shared.is_enough then shared.quarters_worth * shared.quarter_proposed_value end as double) as proposed_value,
        cast(case when shared.is_enough then reached.reached_share end as double) as reached_share,
        cast(shared.quarters_count as bigint) as quarters_count,
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
            and shared.scope_type = reached.scope_type
            and shared.scope_id = reached.scope_id

)

select * from final
