with

registry as (

    select * from {{ ref('kpi_registry') }}
    where aggregation in ('sum', 'ratio', 'last')

),

components as (

    select * from {{ ref('kpi_driver_components') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where value is not null and previous_value is not null

),

found as (

    select
        components.period_grain,
        components.period_start_date,
        components.scope_type,
        components.scope_id,
        components.driver_type,
        components.driver,
        registry.kpi_code,
        registry.aggregation = 'ratio' as is_ratio,
        registry.aggregation <> 'ratio' and registry.unit = 'EUR' as is_amount,
        sum(case when components.component_code = registry.numerator then components.previous_component_value else 0 end) as numerator_0,
        sum(case when components.component_code = registry.numerator then components.component_value else 0 end) as numerator_1,
        sum(case when components.component_code = registry.denominator then components.previous_component_value else 0 end)
            as denominator_0,
        sum(case when components.component_code = registry.denominator then components.component_value else 0 end) as denominator_1

    from registry
    inner join components
        on
            components.component_code in (registry.numerator, registry.denominator)
            and {{ is_listed('components.scope_type', 'registry.scopes') }}
            and {{ is_listed('components.driver_type', 'registry.scopes') }}
            and {{ is_listed('components.period_grain', 'registry.grains') }}
    group by
        components.period_grain, components.period_start_date, components.scope_type, components.scope_id, components.driver_type,
        components.driver, registry.kpi_code, registry.aggregation, registry.unit

),

-- what a member weighs: its part of the denominator, of a sum its part of what there is
weighed as (

    select
        *,
        case when is_ratio then {{ exact_sum('denominator_0', 'members') }} else 1 end as base_0,
        case when is_ratio then {{ exact_sum('denominator_1', 'members') }} else 1 end as base_1,
        {{ exact_sum('numerator_0', 'members') }} as total_0,
        {{ exact_sum('numerator_1', 'members') }} as total_1,
        case when is_ratio then denominator_0 else abs(numerator_0) end
        / nullif({{ exact_sum('case when is_ratio then denominator_0 else abs(numerator_0) end', 'members') }}, 0) as weight_0,
        case when is_ratio then denominator_1 else abs(numerator_1) end
        / nullif({{ exact_sum('case when is_ratio then denominator_1 else abs(numerator_1) end', 'members') }}, 0) as weight_1,
        (abs(numerator_0) + abs(numerator_1)) / nullif({{ exact_sum('abs(numerator_0) + abs(numerator_1)', 'members') }}, 0) as part_of_all,
        -- amounts are said to the cent, of each member and of the whole
        case
            when is_amount and {{ exact_sum('abs(numerator_0) + abs(numerator_1)', 'members') }} > 0
                then 0.005 * (count(*) over members + 1)
            else 0
        end as rounding

    from found
    window members as (partition by kpi_code, period_grain, period_start_date, scope_type, scope_id, driver_type)

),

-- only where the members make up the whole: a mean survival or a gap to a target is no sum of its parts
whole as (

    select
        weighed.*,
        weighed.numerator_1 / nullif(weighed.base_1, 0) - weighed.numerator_0 / nullif(weighed.base_0, 0) as moved,
        -- what was lost by it is of all members, by their size
        coalesce(round(kpi_values.value - weighed.total_1 - kpi_values.previous_value + weighed.total_0, 2) * weighed.part_of_all, 0)
            as cents,
        weighed.numerator_0 / nullif(case when weighed.is_ratio then weighed.denominator_0 else 1 end, 0) as value_0,
        weighed.numerator_1 / nullif(case when weighed.is_ratio then weighed.denominator_1 else 1 end, 0) as value_1,
        (kpi_values.previous_value + kpi_values.value) / 2 as mean_value

    from weighed
    inner join kpi_values
        on
            weighed.kpi_code = kpi_values.kpi_code
            and weighed.period_grain = kpi_values.period_grain
            and weighed.period_start_date = kpi_values.period_start_date
            and weighed.scope_type = kpi_values.scope_type
            and weighed.scope_id = kpi_values.scope_id
            and abs(weighed.total_0 / nullif(weighed.base_0, 0) - kpi_values.previous_value)
            <= 1e-9 * (1 + abs(kpi_values.previous_value)) + weighed.rounding
            and abs(weighed.total_1 / nullif(weighed.base_1, 0) - kpi_values.value)
            <= 1e-9 * (1 + abs(kpi_values.value)) + weighed.rounding

),

-- Kitagawa: what the member's own value does at its mean weight, and what its weight does against the mean of all.
-- Who came or went had one value only, so all it did is weight; who has a numerator alone has no weight, so all is value
split as (

    select
        *,
        moved - mean_value * (weight_1 - weight_0) as ratio_contribution,
        case
            when denominator_0 <> 0 and denominator_1 <> 0 then (weight_0 + weight_1) / 2 * (value_1 - value_0)
            when (denominator_0 = 0 and numerator_0 <> 0) or (denominator_1 = 0 and numerator_1 <> 0)
                then moved - mean_value * (weight_1 - weight_0)
            else 0
        end as ratio_rate_effect

    from whole

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        driver_type,
        driver,
        value_0 as previous_value,
        value_1 as value,
        coalesce(weight_0, 0) as previous_weight,
        coalesce(weight_1, 0) as weight,
        case when is_ratio then ratio_rate_effect end as rate_effect,
        case when is_ratio then ratio_contribution - ratio_rate_effect end as mix_effect,
        case when is_ratio then ratio_contribution else moved + cents end as contribution

    from split

)

select * from final
