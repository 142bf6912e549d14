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

findings as (

    select * from {{ ref('quality_kpi_findings') }}

),

gates as (

    select * from {{ ref('int_quality__gates_run') }}

),

labels as (

    select * from {{ ref('finding_labels') }}

),

entity_labels as (

    select * from {{ ref('entity_labels') }}

),

-- a question mark follows what a KPI can do without, by an assumption that is said
listed as (

    select
        kpi_code,
        trim(unnest(string_split(needs, '|'))) as need

    from registry

),

needed as (

    select
        listed.kpi_code,
        split_part(listed.need, '?', 1) as entity,
        -- the gross margin can stand in for a ledger once the company has given it
        listed.need like '%?'
        or (listed.need like '%?gross_margin_rate' and {{ var('gross_margin_rate') or 'null' }} is not null) as is_optional,
        coalesce(entities.is_loaded, false) as is_loaded,
        coalesce(entity_labels.label_en, split_part(listed.need, '?', 1)) as label_en,
        coalesce(entity_labels.label_fr, split_part(listed.need, '?', 1)) as label_fr

    from listed
    left join entities on split_part(listed.need, '?', 1) = entities.entity
    left join entity_labels on split_part(listed.need, '?', 1) = entity_labels.entity

),

loaded as (

    select
        kpi_code,
        bool_and(is_loaded or is_optional) as is_loaded,
        string_agg(case when not is_loaded and not is_optional then label_en end, ', ' order by label_en) as missing_en,
        string_agg(case when not is_loaded and not is_optional then label_fr end, ', ' order by label_fr) as missing_fr

    from needed
    group by kpi_code

),

found as (

    select kpi_code, period_grain, period_start_date, finding, place_en, place_fr from findings

    union all

    select
        needed.kpi_code, periods.period_grain, periods.period_start_date, 'not_loaded' as finding, needed.label_en as place_en,
        needed.label_fr as place_fr
    from needed
    cross join periods
    where needed.is_optional and not needed.is_loaded

    union all

    select
        loaded.kpi_code, periods.period_grain, periods.period_start_date, 'gates_not_run' as finding, cast(null as varchar) as place_en,
        cast(null as varchar) as place_fr
    from loaded
    cross join periods
    cross join gates
    where not gates.is_run

),

-- each finding once, with all the places it was made in
placed as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        finding,
        string_agg(distinct place_en, ', ' order by place_en) as places_en,
        string_agg(distinct place_fr, ', ' order by place_fr) as places_fr

    from found
    group by kpi_code, period_grain, period_start_date, finding

),

told as (

    select
        placed.kpi_code,
        placed.period_grain,
        placed.period_start_date,
        bool_or(labels.trust_status = 'not_trusted') as is_misleading,
        bool_or(labels.trust_status = 'degraded') as is_degraded,
        string_agg(labels.label_en || coalesce(': ' || placed.places_en, ''), '; ' order by labels.label_en) as reasons_en,
        string_agg(labels.label_fr || coalesce(' : ' || placed.places_fr, ''), ' ; ' order by labels.label_fr) as reasons_fr

    from placed
    inner join labels on placed.finding = labels.finding
    group by placed.kpi_code, placed.period_grain, placed.period_start_date

),

final as (

    select
        loaded.kpi_code,
        periods.period_grain,
        periods.period_start_date,
        case
            when not loaded.is_loaded then 'no_source'
            when told.is_misleading then 'not_trusted'
            when told.is_degraded then 'degraded'
            else 'trusted'
        end as trust_status,
        case when loaded.is_loaded then told.reasons_en else 'Nothing was ever loaded for: ' || loaded.missing_en end as reasons_en,
        case when loaded.is_loaded then told.reasons_fr else 'Rien n''a encore été chargé pour : ' || loaded.missing_fr end
            as reasons_fr

    from loaded
    cross join periods
    left join told
        on
            loaded.kpi_code = told.kpi_code
            and periods.period_grain = told.period_grain
            and periods.period_start_date = told.period_start_date

)

select * from final
