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

dated as (

    select
        lines.*,
        opportunities.currency_code,
        opportunities.status,
        opportunities.close_date,
        opportunities.amount_local as opportunity_local,
        -- the rate of the opportunity
        case when opportunities.status = 'open' then clocks.as_of_date else opportunities.close_date end as rate_date

    from lines
    inner join opportunities on lines.opportunity_id = opportunities.opportunity_id
    cross join clocks

),

final as (

    select
        dated.opportunity_line_id,
        dated.opportunity_id,
        dated.source_system,
        dated.source_instance,
        cast(dated.line_number as bigint) as line_number,
        dated.product_id,
        dated.product,
        dated.quantity,
        dated.currency_code,
        dated.amount_local,
        {{ in_reporting_currency('dated.amount_local', 'dated.currency_code', 'rates.rate') }} as line_amount,
        dated.status,
        dated.close_date,
        -- lines are rounded one by one, the amount at once; a line without a price says nothing of the sum
        coalesce(
            abs(sum(dated.amount_local) over lines_of_deal - dated.opportunity_local) < 0.01 * count(*) over lines_of_deal
            and count(*) over lines_of_deal = count(dated.amount_local) over lines_of_deal,
            false
        ) as adds_up

    from dated
    left join rates
        on
            dated.currency_code = rates.currency_code
            and dated.rate_date = rates.rate_date
    window lines_of_deal as (partition by dated.opportunity_id)

)

select * from final
