with

lifetimes as (

    select * from {{ ref('kpi_customer_lifetimes') }}

),

-- Kaplan-Meier: of those whose relation lasted that long, how many ended then
ends as (

    select
        month_date,
        scope_type,
        scope_id,
        relation_months,
        sum(case when is_active then 0 else 1 end) as ended_count,
        count(*) as customers_count

    from lifetimes
    group by month_date, scope_type, scope_id, relation_months

),

at_risk as (

    select
        *,
        sum(customers_count) over (
            partition by month_date, scope_type, scope_id
            order by relation_months desc
            rows between unbounded preceding and current row
        ) as at_risk_count

    from ends

),

-- the product of the shares that stayed, as a sum of logarithms; nobody stayed once all at risk have left
survival as (

    select
        month_date,
        scope_type,
        scope_id,
        least(relation_months, {{ var('ltv_horizon_months') }}) as from_months,
        least(
            coalesce(
                lead(relation_months) over (partition by month_date, scope_type, scope_id order by relation_months),
                {{ var('ltv_horizon_months') }}
            ),
            {{ var('ltv_horizon_months') }}
        ) as to_months,
        {{ surviving_rate('ended_count', 'at_risk_count', 'earlier') }} as survival_rate

    from at_risk
    window earlier as (
        partition by month_date, scope_type, scope_id
        order by relation_months
        rows between unbounded preceding and current row
    )

),

-- the area under the curve up to the horizon, the curve held flat past its last observation
final as (

    select
        month_date,
        scope_type,
        scope_id,
        (min(from_months) + sum(survival_rate * greatest(0, to_months - from_months))) / 12 as relation_length_years

    from survival
    group by month_date, scope_type, scope_id

)

select * from final
