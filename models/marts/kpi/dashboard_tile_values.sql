with

dashboards as (

    select * from {{ ref('dashboards') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

trends as (

    select * from {{ ref('kpi_trends') }}
    where is_shown

),

attainment as (

    select * from {{ ref('kpi_attainment') }}

),

tiles as (

    select
        dashboards.dashboard,
        dashboards.position,
        dashboards.is_headline,
        trends.*

    from dashboards
    inner join trends on dashboards.kpi_code = trends.kpi_code

),

-- a dashboard of which nothing is known in a period is none: a rep has left, or is not here yet
used as (

    select
        dashboard,
        period_grain,
        period_start_date,
        scope_type,
        scope_id

    from tiles
    group by dashboard, period_grain, period_start_date, scope_type, scope_id
    having bool_or(has_facts)

),

targeted as (

    select
        tiles.*,
        registry.name_en as label_en,
        registry.name_fr as label_fr,
        registry.unit,
        registry.aggregation,
        registry.within_period,
        registry.minimum_sample,
        registry.aggregation in ('ratio', 'quantile') and tiles.sample_size < registry.minimum_sample as is_small_sample,
        attainment.target_value,
        attainment.attainment_rate,
        coalesce(attainment.status, 'no_target') as status,
        {{ distance_text('tiles.value', 'attainment.target_value', 'registry.unit', 'en') }} as off_target,
        {{ distance_text('tiles.value', 'tiles.previous_value', 'registry.unit', 'en') }} as change

    from tiles
    inner join used
        on
            tiles.dashboard = used.dashboard
            and tiles.period_grain = used.period_grain
            and tiles.period_start_date = used.period_start_date
            and tiles.scope_type = used.scope_type
            and tiles.scope_id = used.scope_id
    inner join registry on tiles.kpi_code = registry.kpi_code
    left join attainment
        on
            tiles.kpi_code = attainment.kpi_code
            and tiles.period_grain = attainment.period_grain
            and tiles.period_start_date = attainment.period_start_date
            and tiles.scope_type = attainment.scope_type
            and tiles.scope_id = attainment.scope_id

),

final as (

    select
        dashboard,
        position,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        is_partial_period,
        kpi_code,
        is_headline,
        label_en,
        label_fr,
        unit,
        aggregation,
        value,
        previous_value,
        target_value,
        attainment_rate,
        status,
        trend,
        sample_size,
        trust_status,
        reasons_en,
        reasons_fr,
        -- what the comment says: that a value is none or worth little, else where it stands
        case
            when value is null then coalesce(no_value_reason, 'no_base')
            when not has_facts then 'nothing_recorded'
            when trust_status = 'not_trusted' then 'not_trusted'
            when not is_mature then 'immature'
            when is_small_sample then 'small_sample'
            when
                is_partial_period and target_value > 0 and value >= 0
                and (aggregation in ('sum', 'distinct') or within_period = 'paced' or status = 'too_early')
                then 'under_way_' || status
            -- of more than three times as much again nobody has an idea
            when target_value is not null and (off_target is null or (unit <> 'rate' and value > 4 * target_value)) then 'against_target'
            when off_target = '' then 'on_target'
            when target_value < value then 'above_target'
            when target_value > value then 'below_target'
            when band is not null then band
            when previous_value is null then 'no_comparison'
            when change = '' then 'unchanged'
            -- 7 meetings after 1 are no 600 % more, nor is anything more than three times as much again
            when change is null or (unit = 'count' and previous_value < minimum_sample) or (unit <> 'rate' and value > 4 * previous_value)
                then 'against_previous'
            when previous_value < value then 'up'
            else 'down'
        end as comment_kind

    from targeted

)

select * from final
