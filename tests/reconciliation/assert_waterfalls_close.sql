-- Every waterfall closes to the cent: the opening amount and all movements make the closing amount. What one scope hands
-- over another takes, and the columns of all scopes of a type are those of the company.
with

waterfalls as (

    select * from {{ ref('funnel_pipeline_waterfall') }}

),

totals as (

    select
        period_grain,
        period_start_date,
        scope_type,
        sum(opening_amount) as opening_amount,
        sum(created_amount + pulled_in_amount + reopened_amount) as entered_amount,
        sum(increased_amount + decreased_amount + revalued_amount) as changed_amount,
        sum(pushed_out_amount + won_amount + lost_amount + removed_amount) as left_amount,
        sum(transferred_in_amount + transferred_out_amount) as transferred_amount,
        sum(closing_amount) as closing_amount

    from waterfalls
    group by period_grain, period_start_date, scope_type

),

final as (

    select
        'does not close' as fault,
        period_grain,
        period_start_date,
        scope_type,
        scope_id

    from waterfalls
    where
        opening_amount + created_amount + pulled_in_amount + increased_amount + transferred_in_amount + reopened_amount
        + decreased_amount + pushed_out_amount + transferred_out_amount + won_amount + lost_amount + removed_amount
        + revalued_amount
        <> closing_amount

    union all

    select
        'is not the company' as fault,
        totals.period_grain,
        totals.period_start_date,
        totals.scope_type,
        'all' as scope_id

    from totals
    inner join totals as company
        on
            totals.period_grain = company.period_grain
            and totals.period_start_date = company.period_start_date
            and company.scope_type = 'company'
    where
        (totals.opening_amount, totals.entered_amount, totals.changed_amount, totals.left_amount, totals.closing_amount)
        <> (company.opening_amount, company.entered_amount, company.changed_amount, company.left_amount, company.closing_amount)
        or totals.transferred_amount <> 0

)

select * from final
