with

windows as (

    select * from {{ ref('kpi_driver_windows') }}

),

spells as (

    select * from {{ ref('fct_pipeline_spells') }}
    where opportunity_type <> 'renewal'

),

-- each deal as it stood on the last day compared with, and on the last day of the period
paired as (

    select
        windows.period_grain,
        windows.period_start_date,
        spells.opportunity_id,
        spells.segment,
        spells.channel,
        spells.product,
        spells.created_date,
        max(case when windows.side = 'previous' then spells.rep_id end) as start_rep_id,
        max(case when windows.side = 'previous' then spells.team_id end) as start_team_id,
        max(case when windows.side = 'current' then spells.rep_id end) as end_rep_id,
        max(case when windows.side = 'current' then spells.team_id end) as end_team_id,
        max(case when windows.side = 'current' then spells.status end) as end_status,
        max(case when windows.side = 'previous' then coalesce(spells.open_amount, 0) end) as start_amount,
        -- a deal without an amount, or in a currency without a rate, is worth nothing until it has one
        coalesce(cast(
            max(case when windows.side = 'previous' then spells.amount_local end)
            * max(case when windows.side = 'current' then spells.rate end)
            as decimal(18, 2)
        ), 0) as restated_amount,
        max(case when windows.side = 'current' and spells.status = 'open' then coalesce(spells.open_amount, 0) end) as end_amount

    from windows
    inner join spells on windows.window_end_date between spells.from_date and spells.to_date
    where spells.status = 'open' or windows.side = 'current'
    group by
        windows.period_grain, windows.period_start_date, spells.opportunity_id, spells.segment, spells.channel, spells.product,
        spells.created_date

),

judged as (

    select
        paired.*,
        case
            when paired.start_amount is null and paired.created_date > windows.window_end_date then 'created'
            when paired.start_amount is null then 'reopened'
            when paired.end_status = 'won' then 'won'
            when paired.end_status is null then 'removed'
            when paired.end_amount is null then 'lost'
        end as turn

    from paired
    inner join windows
        on
            paired.period_grain = windows.period_grain
            and paired.period_start_date = windows.period_start_date
            and windows.side = 'previous'
    where paired.start_amount is not null or paired.end_amount is not null

),

scoped as (
    {{ in_both_scopes('judged') }}

),

-- a deal that came or went did so in one step; one that stayed changed its amount, its rate or its owner
moved as (

    select
        period_grain, period_start_date, scope_type, case when start_amount is null then end_scope_id else start_scope_id end as scope_id,
        turn as driver, coalesce(end_amount, 0) - coalesce(start_amount, 0) as amount
    from scoped
    where turn is not null
    union all
    select
        period_grain, period_start_date, scope_type, end_scope_id as scope_id,
        case when end_amount > restated_amount then 'increased' else 'decreased' end as driver,
        end_amount - restated_amount as amount
    from scoped
    where turn is null and start_scope_id = end_scope_id
    union all
    select
        period_grain, period_start_date, scope_type, end_scope_id as scope_id, 'revalued' as driver,
        restated_amount - start_amount as amount
    from scoped
    where turn is null and start_scope_id = end_scope_id
    union all
    select period_grain, period_start_date, scope_type, end_scope_id as scope_id, 'transferred_in' as driver, end_amount as amount
    from scoped
    where turn is null and start_scope_id <> end_scope_id
    union all
    select period_grain, period_start_date, scope_type, start_scope_id as scope_id, 'transferred_out' as driver, -start_amount as amount
    from scoped
    where turn is null and start_scope_id <> end_scope_id

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        driver,
        cast(sum(amount) as double) as contribution

    from moved
    group by period_grain, period_start_date, scope_type, scope_id, driver
    having sum(amount) <> 0

)

select * from final
