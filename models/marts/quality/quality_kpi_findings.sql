with

registry as (

    select * from {{ ref('kpi_registry') }}

),

sources as (

    select * from {{ ref('int_quality__kpi_sources') }}

),

findings as (

    select * from {{ ref('quality_findings') }}

),

source_findings as (

    select * from {{ ref('quality_source_findings') }}

),

labels as (

    select * from {{ ref('finding_labels') }}

),

entities as (

    select * from {{ ref('entity_labels') }}

),

tables as (

    select * from {{ ref('table_labels') }}

),

kpis as (

    select
        kpi_code,
        unit = 'EUR' or aggregation = 'product' or coalesce(numerator, '') like '%amount' as is_money

    from registry

),

kinds as (

    select
        kpi_code,
        entity

    from sources
    where entity is not null
    group by kpi_code, entity

),

-- a finding reaches what is made of the table, or of any table of the kind of data, that it is about
carried as (

    select
        sources.kpi_code,
        source_findings.period_grain,
        source_findings.period_start_date,
        source_findings.finding,
        source_findings.entity,
        source_findings.table_name,
        source_findings.source_instance,
        {{ days_label('source_findings.from_date', 'source_findings.to_date', 'en') }} as days_en,
        {{ days_label('source_findings.from_date', 'source_findings.to_date', 'fr') }} as days_fr

    from source_findings
    inner join sources
        on
            source_findings.source_system = sources.source_system
            and source_findings.table_name = sources.table_name

    union all

    select
        kinds.kpi_code,
        findings.period_grain,
        findings.period_start_date,
        findings.finding,
        findings.entity,
        null as table_name,
        null as source_instance,
        null as days_en,
        null as days_fr

    from findings
    inner join kinds on findings.entity = kinds.entity
    -- what is only said stands in the checks: as a reason of every KPI of deals it would hide those that matter
    inner join labels
        on
            findings.finding = labels.finding
            and labels.trust_status <> 'trusted'

),

final as (

    select
        carried.kpi_code,
        carried.period_grain,
        carried.period_start_date,
        carried.finding,
        coalesce(carried.entity, 'none') as entity,
        coalesce(carried.source_instance, 'all') as source_instance,
        coalesce(carried.table_name, 'all') as table_name,
        labels.trust_status,
        coalesce(entities.label_en, tables.label_en, replace(carried.table_name, '_', ' '))
        || coalesce(' (' || carried.source_instance || coalesce(', ' || carried.days_en, '') || ')', '') as place_en,
        coalesce(entities.label_fr, tables.label_fr, replace(carried.table_name, '_', ' '))
        || coalesce(' (' || carried.source_instance || coalesce(', ' || carried.days_fr, '') || ')', '') as place_fr

    from carried
    inner join kpis on carried.kpi_code = kpis.kpi_code
    inner join labels on carried.finding = labels.finding
    left join entities on carried.entity = entities.entity
    left join tables on carried.table_name = tables.table_name
    where kpis.is_money or not labels.is_about_money

)

select * from final
