with

source as (

    {{ current_rows('pipedrive', 'organizations') }}

),

labels as (

    select * from {{ ref('stg_pipedrive__field_labels') }}

),

labelled as (

    select
        source.*,
        {{ labelled_fields('source._extra', 'labels.field_labels', 'labels.option_labels') }} as labelled_fields

    from source
    left join labels on source._source_instance = labels.source_instance

),

final as (

    select
        'pipedrive' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as account_source_id,
        name as account_name,
        {{ domain_of('website') }} as domain,
        cast(null as varchar) as parent_source_id,
        cast(null as varchar) as merged_into_source_id,
        merge_what_id as merged_ids,
        industry,
        cast(null as varchar) as segment,
        country_code as country,
        {{ as_number('employee_count', 'bigint') }} as employees_count,
        {{ as_timestamp('add_time') }} as created_at,
        _is_gone as is_deleted,
        {{ custom_fields('dim_accounts', 'labelled_fields') }} as custom_fields

    from labelled

)

select * from final
