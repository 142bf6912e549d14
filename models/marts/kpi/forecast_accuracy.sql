with

backtest as (

    select * from {{ ref('forecast_backtest') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

recent as (

    select backtest.*
    from backtest
    inner join clocks on backtest.as_of_date > clocks.as_of_date - interval 25 month

),

-- methods are compared on the forecasts that both made
paired as (

    select
        recent.*,
        warehouse.error_amount as warehouse_error_amount

    from recent
    inner join recent as warehouse
        on
            warehouse.method = 'warehouse'
            and recent.as_of_date = warehouse.as_of_date
            and recent.period_grain = warehouse.period_grain
            and recent.scope_type = warehouse.scope_type
            and recent.scope_id = warehouse.scope_id

),

summed as (

    select
        period_grain,
        scope_type,
        scope_id,
        method,
        count(*) as forecasts_count,
        cast(sum(abs(error_amount)) as double) / nullif(cast(sum(actual_amount) as double), 0) as wape,
        cast(sum(error_amount) as double) / nullif(cast(sum(actual_amount) as double), 0) as bias_rate,
        avg(case when is_within_interval then 1.0 when not is_within_interval then 0.0 end) as coverage_rate,
        cast(sum(abs(warehouse_error_amount)) as double) / nullif(cast(sum(actual_amount) as double), 0) as warehouse_wape

    from paired
    group by period_grain, scope_type, scope_id, method
    having sum(actual_amount) > 0

),

baselines as (

    select
        period_grain,
        scope_type,
        scope_id,
        min_by(method, wape / warehouse_wape) as best_baseline,
        min(wape / warehouse_wape) as best_wape_ratio

    from summed
    where method <> 'warehouse' and warehouse_wape > 0 and forecasts_count >= 6
    group by period_grain, scope_type, scope_id

),

final as (

    select
        summed.period_grain,
        summed.scope_type,
        summed.scope_id,
        summed.method,
        cast(summed.forecasts_count as bigint) as forecasts_count,
        summed.wape,
        summed.bias_rate,
        cast(summed.coverage_rate as double) as coverage_rate,
        summed.warehouse_wape,
        case when summed.method <> 'warehouse' then 1 - summed.warehouse_wape / nullif(summed.wape, 0) end as gain_rate,
        baselines.best_baseline,
        case
            when baselines.best_wape_ratio is null then 'not_judged'
            when baselines.best_wape_ratio > 1 then 'better_than_baselines'
            else 'no_better_than_baselines'
        end as verdict

    from summed
    left join baselines
        on
            summed.period_grain = baselines.period_grain
            and summed.scope_type = baselines.scope_type
            and summed.scope_id = baselines.scope_id

)

select * from final
