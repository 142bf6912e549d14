with

registry as (

    select * from {{ ref('kpi_registry') }}

),

entities as (

    select * from {{ ref('int_entities__loaded') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

costs as (

    select * from {{ ref('fct_costs') }}

),

needed as (

    select
        kpi_code,
        trim(unnest(string_split(needs, '|'))) as entity

    from registry

),

judged as (

    select
        needed.kpi_code,
        bool_and(coalesce(entities.is_loaded, false)) as is_loaded,
        bool_or(coalesce(entities.is_stale, false)) as is_stale,
        bool_or(needed.entity = 'costs') as is_of_costs,
        string_agg(case when not coalesce(entities.is_loaded, false) then needed.entity end, ', ' order by needed.entity)
            as missing_entities,
        string_agg(case when entities.is_stale then needed.entity end, ', ' order by needed.entity) as stale_entities

    from needed
    left join entities on needed.entity = entities.entity
    group by needed.kpi_code

),

-- pay that neither a rule nor payroll_allocation assigns may belong to sales: a cost of acquisition without it is too low
unassigned_pay as (

    select
        periods.period_grain,
        periods.period_start_date,
        sum(costs.cost_amount) as pay_amount

    from periods
    inner join costs on costs.booked_date between periods.period_start_date and periods.period_end_date
    where costs.function = 'unallocated'
    group by periods.period_grain, periods.period_start_date

),

found as (

    select
        judged.kpi_code,
        periods.period_grain,
        periods.period_start_date,
        judged.missing_entities,
        judged.stale_entities,
        not judged.is_loaded as is_missing,
        judged.is_stale and periods.is_partial_period as is_late,
        judged.is_of_costs and coalesce(unassigned_pay.pay_amount, 0) <> 0 as is_pay_unassigned

    from judged
    cross join periods
    left join unassigned_pay
        on
            periods.period_grain = unassigned_pay.period_grain
            and periods.period_start_date = unassigned_pay.period_start_date

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        case
            when is_missing then 'no_source'
            when is_late or is_pay_unassigned then 'degraded'
            else 'trusted'
        end as trust_status,
        nullif(concat_ws(
            '; ',
            case when is_missing then 'Nothing was ever loaded for: ' || missing_entities end,
            case when is_late then 'The exports are late for: ' || stale_entities end,
            case when is_pay_unassigned then 'Pay that no rule assigns is left out; see payroll_allocation' end
        ), '') as reasons_en,
        nullif(concat_ws(
            ' ; ',
            case when is_missing then 'Rien n''a encore été chargé pour : ' || missing_entities end,
            case when is_late then 'Les exports sont en retard pour : ' || stale_entities end,
            case when is_pay_unassigned then 'Des salaires qu''aucune règle n''affecte manquent ; voir payroll_allocation' end
        ), '') as reasons_fr

    from found

)

select * from final
