with

made as (

    select * from {{ ref('forecast_made') }}
    where is_current

),

accuracy as (

    select * from {{ ref('forecast_accuracy') }}
    where method = 'warehouse'

),

-- who owes nothing in a period has no target in it
quotas as (

    select * from {{ ref('kpi_quotas') }}
    where quota_amount > 0

),

-- to the cent, so that the parts add up
published as (

    select
        *,
        cast(won_to_date_amount as decimal(18, 2)) as won_to_date,
        cast(case when is_learnt then open_expected_amount end as decimal(18, 2)) as open_expected,
        cast(case when is_learnt then create_and_close_amount end as decimal(18, 2)) as create_and_close

    from made

),

final as (

    select
        published.period_grain,
        published.period_start_date,
        published.scope_type,
        published.scope_id,
        published.period_end_date,
        published.as_of_date,
        published.won_to_date as won_to_date_amount,
        published.open_expected as open_expected_amount,
        published.create_and_close as create_and_close_amount,
        cast(published.won_to_date + published.open_expected + published.create_and_close as decimal(18, 2)) as forecast_amount,
        cast(case when published.is_learnt then published.low_amount end as decimal(18, 2)) as low_amount,
        cast(case when published.is_learnt then published.high_amount end as decimal(18, 2)) as high_amount,
        published.open_count,
        published.without_amount_count,
        published.basis,
        case
            when not published.is_learnt then 'insufficient_history'
            else coalesce(accuracy.verdict, 'not_judged')
        end as forecast_status,
        accuracy.wape,
        accuracy.best_baseline,
        cast(quotas.agreed_amount as decimal(18, 2)) as target_amount

    from published
    left join accuracy
        on
            published.period_grain = accuracy.period_grain
            and published.scope_type = accuracy.scope_type
            and published.scope_id = accuracy.scope_id
    left join quotas
        on
            published.period_grain = quotas.period_grain
            and published.period_start_date = quotas.period_start_date
            and published.scope_type = quotas.scope_type
            and published.scope_id = quotas.scope_id

)

select * from final
