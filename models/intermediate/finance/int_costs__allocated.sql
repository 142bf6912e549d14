with

costs as (

    select * from {{ ref('int_costs__unioned') }}

),

rules as (

    select * from {{ ref('cost_allocation') }}

),

-- the first rule that fits an account, its labels, its supplier and its journal decides
matched as (

    select
        costs.cost_line_id,
        min(rules.rule_order) as rule_order

    from costs
    inner join rules
        on
            costs.account_code like coalesce(rules.account_prefix, '') || '%'
            and (
                rules.label_pattern is null
                or {{ plain_text('costs.account_name') }} like {{ plain_text('rules.label_pattern') }}
                or {{ plain_text('costs.label') }} like {{ plain_text('rules.label_pattern') }}
            )
            and (
                rules.vendor_pattern is null
                or {{ plain_text('costs.vendor') }} like {{ plain_text('rules.vendor_pattern') }}
                or {{ plain_text('costs.vendor_code') }} like {{ plain_text('rules.vendor_pattern') }}
            )
            and (rules.journal_code is null or costs.journal_code = rules.journal_code)
    where not costs.is_opening_or_closing
    group by costs.cost_line_id

),

final as (

    select
        costs.*,
        case
            when costs.is_opening_or_closing then 'excluded'
            else coalesce(rules.category, costs.category, case when costs.is_pay then 'salaries' else 'other' end)
        end as cost_category,
        case
            when costs.is_opening_or_closing then 'none'
            when rules.function is not null then rules.function
            -- pay that nothing assigns to a team may belong to sales: it is shown, not guessed
            when costs.is_pay then 'unallocated'
            else 'none'
        end as function,
        coalesce(rules.acquisition_share, 0) as acquisition_share,
        rules.rule_order

    from costs
    left join matched on costs.cost_line_id = matched.cost_line_id
    left join rules on matched.rule_order = rules.rule_order

)

select * from final
