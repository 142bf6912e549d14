with

origins as (

    select * from {{ ref('forecast_origins') }}

),

deals as (

    select * from {{ ref('forecast_deals') }}

),

scopes as (

    select * from {{ ref('forecast_scopes') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- of a day before the exports began nobody knows what was in the pipeline then
bases as (

    select
        as_of_date,
        case
            when bool_or(stage = 'unknown') then 'no_history'
            when bool_or(history_basis <> 'event_history') then 'extract_history'
            else 'event_history'
        end as basis

    from deals
    group by as_of_date

),

final as (

    select
        scopes.as_of_date,
        scopes.period_grain,
        scopes.period_start_date,
        scopes.scope_type,
        scopes.scope_id,
        origins.period_end_date,
        origins.is_current,
        origins.is_learnt,
        origins.period_end_date <= clocks.as_of_date as is_over,
        coalesce(bases.basis, 'event_history') as basis,
        scopes.open_count,
        scopes.without_amount_count,
        scopes.won_to_date_amount,
        scopes.open_expected_amount,
        scopes.create_and_close_amount,
        scopes.won_to_date_amount + scopes.open_expected_amount + scopes.create_and_close_amount as expected_amount,
        sqrt(scopes.variance) as deviation,
        scopes.won_to_date_amount + scopes.crm_expected_amount as crm_amount,
        case when scopes.period_start_date - interval 1 year >= origins.first_date then scopes.last_year_amount end as last_year_amount,
        case
            when
                scopes.period_start_date - interval 1 month * case scopes.period_grain when 'month' then 1 else 3 end >= origins.first_date
                then scopes.last_period_amount
        end as last_period_amount,
        scopes.actual_amount,
        scopes.settled_amount

    from scopes
    cross join clocks
    inner join origins
        on
            scopes.as_of_date = origins.as_of_date
            and scopes.period_grain = origins.period_grain
    left join bases on scopes.as_of_date = bases.as_of_date

)

select * from final
