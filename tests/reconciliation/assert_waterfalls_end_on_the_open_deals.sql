-- What a waterfall opens and closes with is what the open deals due in the period amount to on the eve of the period and
-- on its last day, deal by deal, for every rep.
with

periods as (

    select * from {{ ref('dim_periods') }}

),

spells as (

    select * from {{ ref('fct_pipeline_spells') }}
    where status = 'open' and opportunity_type <> 'renewal'

),

waterfalls as (

    select * from {{ ref('funnel_pipeline_waterfall') }}
    where scope_type = 'rep'

),

stood as (

    select
        periods.period_grain,
        periods.period_start_date,
        spells.rep_id as scope_id,
        sum(case when spells.from_date < periods.period_start_date then spells.open_amount else 0 end) as opening_amount,
        sum(case when spells.to_date >= periods.observed_until_date then spells.open_amount else 0 end) as closing_amount

    from periods
    inner join spells
        on
            spells.close_date between periods.period_start_date and periods.period_end_date
            and spells.from_date <= periods.observed_until_date
            and spells.to_date >= periods.period_start_date - 1
    group by periods.period_grain, periods.period_start_date, spells.rep_id

),

final as (

    select
        stood.period_grain,
        stood.period_start_date,
        stood.scope_id

    from stood
    full outer join waterfalls
        on
            stood.period_grain = waterfalls.period_grain
            and stood.period_start_date = waterfalls.period_start_date
            and stood.scope_id = waterfalls.scope_id
    where
        coalesce(stood.opening_amount, 0) <> coalesce(waterfalls.opening_amount, 0)
        or coalesce(stood.closing_amount, 0) <> coalesce(waterfalls.closing_amount, 0)

)

select * from final
