with

made as (

    select * from {{ ref('forecast_made') }}
    where not is_current and is_over and is_learnt and basis <> 'no_history'

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

methods as (

    select 'warehouse' as method
    union all
    select 'crm_probability' as method
    union all
    select 'last_year' as method
    union all
    select 'last_period' as method

),

compared as (

    select
        made.*,
        methods.method,
        cast(case methods.method
            when 'warehouse' then made.expected_amount
            when 'crm_probability' then made.crm_amount
            when 'last_year' then made.last_year_amount
            else made.last_period_amount
        end as decimal(18, 2)) as forecast_amount,
        case when methods.method = 'warehouse' then cast(made.low_amount as decimal(18, 2)) end as published_low_amount,
        case when methods.method = 'warehouse' then cast(made.high_amount as decimal(18, 2)) end as published_high_amount

    from made
    inner join clocks on made.as_of_date > clocks.as_of_date - interval 36 month
    cross join methods

),

final as (

    select
        as_of_date,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        method,
        period_end_date,
        basis,
        forecast_amount,
        published_low_amount as low_amount,
        published_high_amount as high_amount,
        cast(actual_amount as decimal(18, 2)) as actual_amount,
        forecast_amount - cast(actual_amount as decimal(18, 2)) as error_amount,
        cast(actual_amount as decimal(18, 2)) between published_low_amount and published_high_amount as is_within_interval

    from compared
    -- no probability in the CRM, no year before: no such forecast
    where forecast_amount is not null

)

select * from final
