with

members as (

    select * from {{ ref('kpi_driver_members') }}

),

products as (

    select * from {{ ref('kpi_driver_products') }}

),

movements as (

    select * from {{ ref('kpi_driver_movements') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where value is not null and previous_value is not null

),

labels as (

    select * from {{ ref('kpi_driver_labels') }}

),

unioned as (

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type, driver, previous_value, value, previous_weight, weight,
        previous_weight as expected_share, rate_effect, mix_effect, contribution,
        case
            when rate_effect is null then 'volume'
            when abs(rate_effect) >= abs(mix_effect) then 'rate'
            else 'mix'
        end as effect
    from members

    union all by name

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type, driver, previous_value, value, weight as expected_share,
        contribution, effect
    from products

    union all by name

    select
        'pipeline_open_amount' as kpi_code, period_grain, period_start_date, scope_type, scope_id, 'movement' as driver_type, driver,
        1 / cast(count(*) over (partition by period_grain, period_start_date, scope_type, scope_id) as double) as expected_share,
        contribution, 'volume' as effect
    from movements

),

changed as (

    select
        unioned.*,
        case
            when abs(kpi_values.value - kpi_values.previous_value) > 1e-9 * greatest(abs(kpi_values.value), abs(kpi_values.previous_value))
                then kpi_values.value - kpi_values.previous_value
        end as change,
        sum(abs(unioned.contribution)) over drivers as moved

    from unioned
    inner join kpi_values
        on
            unioned.kpi_code = kpi_values.kpi_code
            and unioned.period_grain = kpi_values.period_grain
            and unioned.period_start_date = kpi_values.period_start_date
            and unioned.scope_type = kpi_values.scope_type
            and unioned.scope_id = kpi_values.scope_id
    window drivers as (
        partition by
            unioned.kpi_code, unioned.period_grain, unioned.period_start_date, unioned.scope_type, unioned.scope_id, unioned.driver_type
    )

),

-- a main driver explains much, and more than its size lets expect: the mean of the share of what moved and of how far that
-- passes its share of what there was. Of equals the larger, then the first by name
ranked as (

    select
        *,
        row_number() over (
            partition by kpi_code, period_grain, period_start_date, scope_type, scope_id
            order by
                case when contribution * change > 0 then 0 else 1 end,
                round(abs(contribution) / nullif(moved, 0) - expected_share / 2, 9) desc,
                round(abs(contribution), 6) desc,
                driver_type,
                driver
        ) as driver_rank

    from changed

),

final as (

    select
        ranked.kpi_code,
        ranked.period_grain,
        ranked.period_start_date,
        ranked.scope_type,
        ranked.scope_id,
        ranked.driver_type,
        ranked.driver,
        ranked.previous_value,
        ranked.value,
        ranked.previous_weight,
        ranked.weight,
        ranked.effect,
        ranked.rate_effect,
        ranked.mix_effect,
        ranked.contribution,
        ranked.contribution / ranked.change as contribution_share,
        coalesce(ranked.driver_rank = 1 and ranked.contribution * ranked.change > 0, false) as is_main_driver,
        coalesce(labels.label_en, replace(ranked.driver, '_', ' ')) || case when ranked.effect = 'mix' then ' (weight)' else '' end as driver_label_en,
        coalesce(labels.label_fr, replace(ranked.driver, '_', ' ')) || case when ranked.effect = 'mix' then ' (poids)' else '' end as driver_label_fr

    from ranked
    left join labels on ranked.driver_type = labels.driver_type and ranked.driver = labels.driver

)

select * from final
