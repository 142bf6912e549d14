with

costs as (

    select * from {{ ref('fct_costs') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- advertising as the books have it: fairs, agencies and printed matter have categories of their own
booked as (

    select
        cast(date_trunc('month', booked_date) as date) as month_date,
        sum(cost_amount) as ledger_advertising_amount

    from costs
    where cost_category = 'advertising'
    group by cast(date_trunc('month', booked_date) as date)

),

spent as (

    select
        cast(date_trunc('month', spend_date) as date) as month_date,
        sum(cost_amount) as ad_platform_amount

    from ad_spend
    group by cast(date_trunc('month', spend_date) as date)

),

-- from when to when the books, and the platforms, tell anything
booked_span as (

    select
        min(booked_date) as first_booked_date,
        max(booked_date) as last_booked_date

    from costs

),

spent_span as (

    select min(spend_date) as first_spend_date
    from ad_spend

),

compared as (

    select
        coalesce(booked.month_date, spent.month_date) as month_date,
        cast(coalesce(spent.ad_platform_amount, 0) as decimal(18, 2)) as ad_platform_amount,
        cast(coalesce(booked.ledger_advertising_amount, 0) as decimal(18, 2)) as ledger_advertising_amount,
        cast(coalesce(booked.ledger_advertising_amount, 0) - coalesce(spent.ad_platform_amount, 0) as decimal(18, 2)) as difference_amount

    from booked
    full outer join spent on booked.month_date = spent.month_date

),

final as (

    select
        compared.month_date,
        compared.ad_platform_amount,
        compared.ledger_advertising_amount,
        compared.difference_amount,
        cast(compared.difference_amount as double) / nullif(compared.ad_platform_amount, 0) as difference_rate,
        case
            when coalesce(last_day(compared.month_date) < booked_span.first_booked_date, true) then 'no_ledger'
            when coalesce(last_day(compared.month_date) < spent_span.first_spend_date, true) then 'no_ad_platform'
            when last_day(compared.month_date) > least(clocks.as_of_date, booked_span.last_booked_date) then 'not_booked_yet'
            when abs(compared.difference_amount) <= {{ var('ad_reconciliation_tolerance') }} * compared.ad_platform_amount then 'reconciled'
            when compared.difference_amount < 0 then 'ledger_lower'
            else 'ledger_higher'
        end as status

    from compared
    cross join clocks
    cross join booked_span
    cross join spent_span
    where compared.month_date <= clocks.as_of_date

)

select * from final
