with

tables as (

    select * from {{ ref('int_source_tables__judged') }}

),

labels as (

    select * from {{ ref('entity_labels') }}

),

named as (

    select
        tables.*,
        labels.label_en,
        labels.label_fr

    from tables
    left join labels on tables.entity = labels.entity

),

final as (

    select
        source_system,
        source_instance,
        table_name,
        entity,
        newest_extracted_at,
        newest_business_at,
        cast(hours_late as double) as hours_late,
        cast(limit_hours as bigint) as limit_hours,
        cast(stale_after_hours as bigint) as stale_after_hours,
        is_in_business_days,
        status,
        {{ freshness_reason('en') }} as reason_en,
        {{ freshness_reason('fr') }} as reason_fr

    from named

)

select * from final
