with

components as (

    select * from {{ ref('kpi_components_by_period') }}

),

windows as (

    select * from {{ ref('kpi_driver_windows') }}

),

counted as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.side,
        components.scope_type,
        components.scope_id,
        max(case when components.component_code = 'decided_deals' then components.component_value end) as decided,
        coalesce(max(case when components.component_code = 'decided_deals_with_demo' then components.component_value end), 0) as with_demo,
        coalesce(max(case when components.component_code = 'decided_deals_with_proposal' then components.component_value end), 0)
            as with_proposal,
        coalesce(max(case when components.component_code = 'signed_deals' then components.component_value end), 0) as signed,
        coalesce(max(case when components.component_code = 'signed_amount' then components.component_value end), 0) as signed_amount,
        max(case when components.component_code = 'corrected_amount' then components.component_value end) as corrected_amount,
        max(case when components.component_code = 'expansion_amount' then components.component_value end) as expansion_amount

    from components
    inner join windows
        on
            components.period_grain = windows.period_grain
            and components.period_start_date = windows.part_start_date
            and components.purpose = windows.part_purpose
    group by windows.period_grain, windows.period_start_date, windows.side, components.scope_type, components.scope_id

),

-- the deals decided in the period, multiplied out to what those signed were worth; what new deals do not make is added
listed as (

    select
        period_grain, period_start_date, side, scope_type, scope_id, 'decided_deals' as driver, true as is_factor, decided as part
    from counted
    union all
    select
        period_grain, period_start_date, side, scope_type, scope_id, 'opportunity_to_demo' as driver, true as is_factor,
        with_demo / nullif(decided, 0) as part
    from counted
    union all
    select
        period_grain, period_start_date, side, scope_type, scope_id, 'demo_to_proposal' as driver, true as is_factor,
        with_proposal / nullif(with_demo, 0) as part
    from counted
    union all
    select
        period_grain, period_start_date, side, scope_type, scope_id, 'proposal_to_won' as driver, true as is_factor,
        signed / nullif(with_proposal, 0) as part
    from counted
    union all
    select
        period_grain, period_start_date, side, scope_type, scope_id, 'deal_size' as driver, true as is_factor,
        signed_amount / nullif(signed, 0) as part
    from counted
    union all
    select
        period_grain, period_start_date, side, scope_type, scope_id, 'corrections' as driver, false as is_factor, corrected_amount as part
    from counted
    union all
    select
        period_grain, period_start_date, side, scope_type, scope_id, 'expansion' as driver, false as is_factor, expansion_amount as part
    from counted

),

-- where nothing was recorded nothing was decided, and a share of nothing is unknown
final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        driver,
        is_factor,
        coalesce(
            max(case when side = 'previous' then part end),
            case when driver in ('decided_deals', 'corrections', 'expansion') then 0 end
        ) as previous_part,
        coalesce(
            max(case when side = 'current' then part end),
            case when driver in ('decided_deals', 'corrections', 'expansion') then 0 end
        ) as part

    from listed
    group by period_grain, period_start_date, scope_type, scope_id, driver, is_factor

)

select * from final
