with

estimates as (

    select * from {{ ref('rep_estimates') }}
    where peers_count >= {{ var('minimum_peers') }}

),

worths as (

    select * from {{ ref('funnel_step_worths') }}
    where scope_type = 'rep' and counting = 'reached'

),

narrowest as (

    select
        *,
        row_number() over (partition by rep_id, period_grain, period_start_date, measure_code order by level) as level_order

    from estimates

),

-- what the group's mean would have made of the same entrants, by the rate a rep is likely to have in truth: where chance
-- explains all differences, nobody loses
lost as (

    select
        narrowest.rep_id,
        narrowest.period_grain,
        narrowest.period_start_date,
        narrowest.measure_code as step,
        (narrowest.mean_rate - narrowest.shrunk_rate) * narrowest.exposure * worths.conversion_worth_amount as loss

    from narrowest
    inner join worths
        on
            narrowest.rep_id = worths.scope_id
            and narrowest.period_grain = worths.period_grain
            and narrowest.period_start_date = worths.period_start_date
            and narrowest.measure_code = worths.from_stage || ' > ' || worths.to_stage
    where narrowest.level_order = 1

),

ordered as (

    select
        *,
        row_number() over (partition by rep_id, period_grain, period_start_date order by loss desc, step asc) as loss_order

    from lost
    where loss > 0

),

final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        step as weakest_step,
        cast(loss as decimal(18, 2)) as weakest_step_loss_amount

    from ordered
    where loss_order = 1

)

select * from final
