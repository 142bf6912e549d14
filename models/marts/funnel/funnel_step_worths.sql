with

steps as (

    select * from {{ ref('funnel_steps_by_period') }}
    where view = 'cohort' and period_grain <> 'all'

),

quarters as (

    select * from {{ ref('funnel_benchmark_quarters') }}

),

benchmarks as (

    select * from {{ ref('funnel_benchmarks') }}

),

deal_sizes as (

    select * from {{ ref('funnel_deal_sizes') }}

),

-- the last step's own conversion is the win; of the others history says how many of the converted win in the end
asked as (

    select
        steps.period_grain,
        steps.period_start_date,
        steps.scope_type,
        steps.scope_id,
        steps.from_stage,
        steps.to_stage,
        steps.counting,
        quarters.last_quarter_number,
        later_quarters.last_quarter_number as later_quarter_number

    from steps
    inner join quarters
        on
            steps.period_grain = quarters.period_grain
            and steps.period_start_date = quarters.period_start_date
            and steps.from_stage = quarters.from_stage
            and steps.to_stage = quarters.to_stage
    left join quarters as later_quarters
        on
            steps.period_grain = later_quarters.period_grain
            and steps.period_start_date = later_quarters.period_start_date
            and steps.to_stage = later_quarters.from_stage
            and later_quarters.to_stage = 'won'

),

-- a scope without a history of its own has the company's
final as (

    select
        asked.period_grain,
        asked.period_start_date,
        asked.scope_type,
        asked.scope_id,
        asked.from_stage,
        asked.to_stage,
        asked.counting,
        case when asked.to_stage = 'won' then 1 else coalesce(benchmarks.benchmark_rate, company_benchmarks.benchmark_rate) end
        * coalesce(deal_sizes.deal_size_amount, company_sizes.deal_size_amount) as conversion_worth_amount

    from asked
    left join benchmarks
        on
            asked.later_quarter_number = benchmarks.last_quarter_number
            and asked.scope_type = benchmarks.scope_type
            and asked.scope_id = benchmarks.scope_id
            and asked.to_stage = benchmarks.from_stage
            and benchmarks.to_stage = 'won'
            and asked.counting = benchmarks.counting
    left join benchmarks as company_benchmarks
        on
            asked.later_quarter_number = company_benchmarks.last_quarter_number
            and company_benchmarks.scope_type = 'company'
            and asked.to_stage = company_benchmarks.from_stage
            and company_benchmarks.to_stage = 'won'
            and asked.counting = company_benchmarks.counting
    left join deal_sizes
        on
            asked.last_quarter_number = deal_sizes.last_quarter_number
            and asked.scope_type = deal_sizes.scope_type
            and asked.scope_id = deal_sizes.scope_id
    left join deal_sizes as company_sizes
        on
            asked.last_quarter_number = company_sizes.last_quarter_number
            and company_sizes.scope_type = 'company'

)

select * from final
