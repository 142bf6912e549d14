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

    select * from {{ ref('quality_findings') }}

),

labels as (

    select * from {{ ref('finding_labels') }}

),

-- a question mark follows what a KPI can do without, by an assumption that is said
listed as (

    select
        kpi_code,
        unit = 'EUR' or aggregation = 'product' or coalesce(numerator, '') like '%amount' as is_money,
        trim(unnest(string_split(needs, '|'))) as need

    from registry

),

needed as (

    select
        listed.kpi_code,
        listed.is_money,
        split_part(listed.need, '?', 1) as entity,
        -- the gross margin can stand in for a ledger once the company has given it
        listed.need like '%?'
        or (listed.need like '%?gross_margin_rate' and {{ var('gross_margin_rate') or 'null' }} is not null) as is_optional,
        coalesce(entities.is_loaded, false) as is_loaded

    from listed
    left join entities on split_part(listed.need, '?', 1) = entities.entity

),

loaded as (

    select
        kpi_code,
        bool_and(is_loaded or is_optional) as is_loaded,
        string_agg(case when not is_loaded and not is_optional then entity end, ', ' order by entity) as missing_entities

    from needed
    group by kpi_code

),

found as (

    select
        needed.kpi_code,
        findings.period_grain,
        findings.period_start_date,
        needed.entity,
        findings.finding

    from needed
    inner join findings on needed.entity = findings.entity
    inner join labels on findings.finding = labels.finding
    where needed.is_money or not labels.is_about_money

    union all

    select
        needed.kpi_code,
        periods.period_grain,
        periods.period_start_date,
        needed.entity,
        'not_loaded' as finding

    from needed
    cross join periods
    where needed.is_optional and not needed.is_loaded

),

told as (

    select
        found.kpi_code,
        found.period_grain,
        found.period_start_date,
        string_agg(labels.label_en || ': ' || found.entity, '; ' order by labels.label_en, found.entity) as reasons_en,
        string_agg(labels.label_fr || ' : ' || found.entity, ' ; ' order by labels.label_fr, found.entity) as reasons_fr

    from found
    inner join labels on found.finding = labels.finding
    group by found.kpi_code, found.period_grain, found.period_start_date

),

final as (

    select
        loaded.kpi_code,
        periods.period_grain,
        periods.period_start_date,
        case
            when not loaded.is_loaded then 'no_source'
            when told.kpi_code is not null then 'degraded'
            else 'trusted'
        end as trust_status,
        case when loaded.is_loaded then told.reasons_en else 'Nothing was ever loaded for: ' || loaded.missing_entities end as reasons_en,
        case when loaded.is_loaded then told.reasons_fr else 'Rien n''a encore été chargé pour : ' || loaded.missing_entities end
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
