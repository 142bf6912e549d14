-- The deals decided, the share of them at each step and the mean amount multiply out to bookings, once expansion and
-- corrections are added: in each period and scope, and in what it is compared with, to the cent.
with

links as (

    select * from {{ ref('kpi_driver_bookings') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where kpi_code = 'bookings_amount'

),

sided as (

    select period_grain, period_start_date, scope_type, scope_id, driver, is_factor, 'previous' as side, previous_part as part from links
    union all
    select period_grain, period_start_date, scope_type, scope_id, driver, is_factor, 'current' as side, part from links

),

chains as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        side,
        coalesce(
            max(case when driver = 'decided_deals' then part end)
            * max(case when driver = 'opportunity_to_demo' then part end)
            * max(case when driver = 'demo_to_proposal' then part end)
            * max(case when driver = 'proposal_to_won' then part end)
            * max(case when driver = 'deal_size' then part end),
            0
        )
        + sum(case when is_factor then 0 else part end) as chained_amount

    from sided
    group by period_grain, period_start_date, scope_type, scope_id, side

),

compared as (

    select
        chains.*,
        case when chains.side = 'current' then kpi_values.value else kpi_values.previous_value end as bookings_amount

    from chains
    inner join kpi_values
        on
            chains.period_grain = kpi_values.period_grain
            and chains.period_start_date = kpi_values.period_start_date
            and chains.scope_type = kpi_values.scope_type
            and chains.scope_id = kpi_values.scope_id

),

final as (

    select *
    from compared
    where abs(chained_amount - bookings_amount) > 0.005

)

select * from final
