with

costs as (

    select * from {{ ref('int_costs__split') }}

),

final as (

    select
        cost_line_id,
        source_system,
        source_instance,
        booked_date,
        account_code,
        journal_code,
        -- the label of a line of pay may name who is paid
        case when not is_pay then label end as label,
        cost_category,
        function,
        acquisition_share,
        cost_amount,
        cast(case when function in ('sales', 'marketing') then cost_amount * acquisition_share else 0 end as decimal(18, 2))
            as acquisition_amount,
        rule_order

    from costs

)

select * from final
