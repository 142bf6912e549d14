with

costs as (

    select * from {{ ref('int_costs__allocated') }}

),

payroll_allocation as (

    select * from {{ ref('payroll_allocation') }}

),

-- what a month's shares leave over stays unallocated
shares as (

    select
        month_date,
        function,
        share

    from payroll_allocation

    union all

    select
        month_date,
        'unallocated' as function,
        1 - sum(share) as share

    from payroll_allocation
    group by month_date
    having sum(share) < 1

),

-- the shares laid end to end: cents are rounded at their borders, so that the parts sum to the whole
laid as (

    select
        month_date,
        function,
        sum(share) over (partition by month_date order by function) as share_end,
        sum(share) over (partition by month_date order by function) - share as share_start

    from shares

),

final as (

    select
        case when laid.function is null then costs.cost_line_id else costs.cost_line_id || ':' || laid.function end as cost_line_id,
        costs.source_system,
        costs.source_instance,
        costs.booked_date,
        costs.account_code,
        costs.journal_code,
        costs.label,
        case when laid.function is null then costs.cost_category else 'salaries' end as cost_category,
        coalesce(laid.function, costs.function) as function,
        case
            when laid.function in ('sales', 'marketing') then 1
            when laid.function is not null then 0
            else costs.acquisition_share
        end as acquisition_share,
        case
            when laid.function is null then costs.cost_amount
            else
                cast(round(costs.cost_amount * laid.share_end, 2) as decimal(18, 2))
                - cast(round(costs.cost_amount * laid.share_start, 2) as decimal(18, 2))
        end as cost_amount,
        costs.is_pay,
        costs.rule_order

    from costs
    left join laid
        on
            case when costs.function = 'unallocated' then cast(date_trunc('month', costs.booked_date) as date) end
            = laid.month_date

)

select * from final
