with

registry as (

    select * from {{ ref('kpi_registry') }}

),

scopes as (

    select * from {{ ref('dim_scopes') }}

),

driver_labels as (

    select * from {{ ref('driver_labels') }}

),

named as (

    select
        scope_type as driver_type,
        scope_id as driver,
        case scope_type
            when 'team' then 'team ' when 'segment' then 'segment ' when 'channel' then 'channel ' when 'product' then 'product ' else ''
        end || scope_name_en as label_en,
        case scope_type
            when 'team' then 'équipe ' when 'segment' then 'segment ' when 'channel' then 'canal ' when 'product' then 'produit ' else ''
        end || scope_name_fr as label_fr
    from scopes
    where scope_type <> 'company'
    union all
    -- within a sentence a name begins small, an abbreviation does not
    select
        'factor' as driver_type,
        kpi_code as driver,
        case
            when substr(name_en, 2, 1) = lower(substr(name_en, 2, 1)) then lower(substr(name_en, 1, 1)) || substr(name_en, 2)
            else name_en
        end as label_en,
        case
            when substr(name_fr, 2, 1) = lower(substr(name_fr, 2, 1)) then lower(substr(name_fr, 1, 1)) || substr(name_fr, 2)
            else name_fr
        end as label_fr
    from registry

),

final as (

    select
        coalesce(driver_labels.driver_type, named.driver_type) as driver_type,
        coalesce(driver_labels.driver, named.driver) as driver,
        coalesce(driver_labels.label_en, named.label_en) as label_en,
        coalesce(driver_labels.label_fr, named.label_fr) as label_fr

    from named
    full outer join driver_labels on named.driver_type = driver_labels.driver_type and named.driver = driver_labels.driver

)

select * from final
