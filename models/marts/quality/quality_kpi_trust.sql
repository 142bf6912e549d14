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
        string_agg(case when not coalesce(entities.is_loaded, false) then needed.entity end, ', ' order by needed.entity)
            as missing_entities,
        string_agg(case when entities.is_stale then needed.entity end, ', ' order by needed.entity) as stale_entities

    from needed
    left join entities on needed.entity = entities.entity
    group by needed.kpi_code

),

final as (

    select
        judged.kpi_code,
        periods.period_grain,
        periods.period_start_date,
        case
            when not judged.is_loaded then 'no_source'
            when judged.is_stale and periods.is_partial_period then 'degraded'
            else 'trusted'
        end as trust_status,
        case
            when not judged.is_loaded then 'Nothing was ever loaded for: ' || judged.missing_entities
            when judged.is_stale and periods.is_partial_period then 'The exports are late for: ' || judged.stale_entities
        end as reasons_en,
        case
            when not judged.is_loaded then 'Rien n''a encore été chargé pour : ' || judged.missing_entities
            when judged.is_stale and periods.is_partial_period then 'Les exports sont en retard pour : ' || judged.stale_entities
        end as reasons_fr

    from judged
    cross join periods

)

select * from final
