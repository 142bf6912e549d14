with

precedents as (

    select * from {{ ref('forecast_precedents') }}

),

kinds as (

    select
        as_of_date,
        period_grain,
        opportunity_type,
        stage,
        source_stage,
        since_days,
        due_class,
        sum(seen_count) as seen_count,
        sum(won_count) as won_count

    from precedents
    group by as_of_date, period_grain, opportunity_type, stage, source_stage, since_days, due_class

),

-- the share of a kind leans on that of the wider one it belongs to, the more the less was seen of it
company_rates as (

    select
        *,
        cast(sum(won_count) over (partition by as_of_date, period_grain) as double)
        / nullif(sum(seen_count) over (partition by as_of_date, period_grain), 0) as company_rate

    from kinds

),

stage_rates as (

    select
        *,
        {{ leaning_rate('company_rate', ['as_of_date', 'period_grain', 'stage']) }} as stage_rate

    from company_rates

),

type_rates as (

    select
        *,
        {{ leaning_rate('stage_rate', ['as_of_date', 'period_grain', 'stage', 'opportunity_type']) }} as type_rate

    from stage_rates

),

source_rates as (

    select
        *,
        {{ leaning_rate('type_rate', ['as_of_date', 'period_grain', 'stage', 'opportunity_type', 'source_stage']) }} as source_rate

    from type_rates

),

age_rates as (

    select
        *,
        {{ leaning_rate('source_rate', ['as_of_date', 'period_grain', 'stage', 'opportunity_type', 'source_stage', 'since_days']) }}
            as age_rate

    from source_rates

),

final as (

    select
        as_of_date,
        period_grain,
        opportunity_type,
        stage,
        source_stage,
        since_days,
        due_class,
        cast(seen_count as bigint) as seen_count,
        cast(won_count as bigint) as won_count,
        {{ leaning_rate(
            'age_rate',
            ['as_of_date', 'period_grain', 'stage', 'opportunity_type', 'source_stage', 'since_days', 'due_class']
        ) }} as win_rate

    from age_rates

)

select * from final
