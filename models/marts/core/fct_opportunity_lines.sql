with

lines as (

    select * from {{ ref('int_opportunity_lines__unioned') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

final as (

    select
        lines.opportunity_line_id,
        lines.opportunity_id,
        lines.source_system,
        lines.source_instance,
        cast(lines.line_number as bigint) as line_number,
        lines.product_id,
        lines.product,
        lines.quantity,
        opportunities.currency_code,
        lines.amount_local,
        {{ in_reporting_currency('lines.amount_local', 'opportunities.currency_code', 'rates.rate') }} as line_amount,
        opportunities.status,
        opportunities.close_date,
        coalesce(sum(lines.amount_local) over (partition by lines.opportunity_id) = opportunities.amount_local, false) as adds_up

    from lines
    inner join opportunities on lines.opportunity_id = opportunities.opportunity_id
    cross join clocks
    -- at the rate of the opportunity
    left join rates
        on
            opportunities.currency_code = rates.currency_code
            and date_trunc('month', case when opportunities.status = 'open' then clocks.as_of_date else opportunities.close_date end) = rates.month_date

)

select * from final
