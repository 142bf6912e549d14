with

registry as (

    select * from {{ ref('kpi_registry') }}

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

segments as (

    select * from {{ ref('segments') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

driver_labels as (

    select * from {{ ref('driver_labels') }}

),

named as (

    select 'team' as driver_type, team_id as driver, 'team ' || team_id as label_en, 'équipe ' || team_id as label_fr
    from reps
    group by team_id
    union all
    select 'rep' as driver_type, rep_id as driver, rep_name as label_en, rep_name as label_fr
    from reps
    union all
    select 'segment' as driver_type, segment as driver, 'segment ' || label_en as label_en, 'segment ' || label_fr as label_fr
    from segments
    union all
    select 'channel' as driver_type, channel as driver, 'channel ' || label_en as label_en, 'canal ' || label_fr as label_fr
    from channels
    union all
    select 'product' as driver_type, product as driver, 'product ' || product as label_en, 'produit ' || product as label_fr
    from products
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
