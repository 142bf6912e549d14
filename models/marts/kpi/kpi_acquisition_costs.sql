with

costs as (

    select * from {{ ref('fct_costs') }}

),

ad_spend as (

    select * from {{ ref('fct_ad_spend') }}

),

reconciled as (

    select * from {{ ref('quality_cost_reconciliation') }}

),

booked as (

    select
        booked_date,
        cast(date_trunc('month', booked_date) as date) as month_date,
        cost_category = 'commissions' as is_commission,
        cost_category = 'advertising' as is_advertising,
        sum(acquisition_amount) as acquisition_amount

    from costs
    group by booked_date, cost_category = 'commissions', cost_category = 'advertising'

),

spent as (

    select
        cast(date_trunc('month', spend_date) as date) as month_date,
        channel,
        sum(cost_amount) as cost_amount

    from ad_spend
    group by cast(date_trunc('month', spend_date) as date), channel
    having sum(cost_amount) > 0

),

-- a channel is given no more than its platform reports: what the books hold beyond it is of other advertising
shares as (

    select
        spent.month_date,
        spent.channel,
        cast(spent.cost_amount as double) / greatest(reconciled.ad_platform_amount, reconciled.ledger_advertising_amount) as share

    from spent
    inner join reconciled on spent.month_date = reconciled.month_date
    where reconciled.ledger_advertising_amount > 0

),

split as (

    select
        booked.booked_date,
        shares.channel,
        booked.is_commission,
        cast(booked.acquisition_amount * shares.share as decimal(24, 6)) as acquisition_amount

    from booked
    inner join shares on booked.month_date = shares.month_date
    where booked.is_advertising

),

split_totals as (

    select
        booked_date,
        sum(acquisition_amount) as acquisition_amount

    from split
    group by booked_date

),

unsplit as (

    select
        booked.booked_date,
        'unallocated' as channel,
        booked.is_commission,
        booked.acquisition_amount - coalesce(split_totals.acquisition_amount, 0) as acquisition_amount

    from booked
    left join split_totals on case when booked.is_advertising then booked.booked_date end = split_totals.booked_date

),

unioned as (

    select * from split
    union all
    select * from unsplit

),

final as (

    select
        booked_date,
        channel,
        is_commission,
        cast(sum(acquisition_amount) as decimal(24, 6)) as acquisition_amount

    from unioned
    group by booked_date, channel, is_commission

)

select * from final
