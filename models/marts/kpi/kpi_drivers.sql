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
        kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type, driver, previous_value, value,
        previous_weight, weight, (previous_weight + weight) / 2 as expected_share, rate_effect, mix_effect, contribution,
        case
            when rate_effect is null then 'volume'
            when abs(rate_effect) >= abs(mix_effect) then 'rate'
            else 'mix'
        end as effect
    from members

    union all by name

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type, driver, previous_value, value,
        weight as expected_share, contribution, effect
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
                then unioned.contribution / (kpi_values.value - kpi_values.previous_value)
        end as contribution_share

    from unioned
    inner join kpi_values
        on
            unioned.kpi_code = kpi_values.kpi_code
            and unioned.period_grain = kpi_values.period_grain
            and unioned.period_start_date = kpi_values.period_start_date
            and unioned.scope_type = kpi_values.scope_type
            and unioned.scope_id = kpi_values.scope_id

),

-- by how much a driver passes what its size lets expect, in units of what chance makes of such a size (the adjusted residual
-- of a contingency table). Factors and movements offset each other by nature: more than the whole says nothing of them
judged as (

    select
        *,
        (case when weight is null then least(contribution_share, 1) else contribution_share end - expected_share)
        / sqrt(greatest(expected_share * (1 - expected_share), 0.01)) as surprise

    from changed

),

-- the main driver explains half of the change or more and, of those that do, surprises most; where none does it is the largest
ranked as (

    select
        *,
        row_number() over (
            partition by kpi_code, period_grain, period_start_date, scope_type, scope_id
            order by
                case when contribution_share >= 0.5 then round(surprise, 9) end desc nulls last,
                round(contribution_share, 9) desc nulls last,
                driver_type asc,
                driver asc
        ) as driver_rank

    from judged

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
        ranked.contribution_share,
        coalesce(ranked.driver_rank = 1 and ranked.contribution_share > 0, false) as is_main_driver,
        coalesce(labels.label_en, replace(ranked.driver, '_', ' '))
        || case when ranked.effect = 'mix' then ' (weight)' else '' end as driver_label_en,
        coalesce(labels.label_fr, replace(ranked.driver, '_', ' '))
        || case when ranked.effect = 'mix' then ' (poids)' else '' end as driver_label_fr

    from ranked
    left join labels on ranked.driver_type = labels.driver_type and ranked.driver = labels.driver

)

select * from final
