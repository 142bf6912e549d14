with

fields as (

    {{ current_rows('pipedrive', 'deal_fields') }}

),

nested_options as (

    {{ current_rows('pipedrive', 'field_options') }}

),

custom as (

    select
        _source_instance as source_instance,
        field_key,
        options,
        -- labels need not be unique, keys are
        name || case when count(*) over (partition by _source_instance, name) > 1 then ' (' || left(field_key, 8) || ')' else '' end as label

    from fields
    where {{ regexp_text('field_key', '^[0-9a-f]{40}$') }} is not null

),

listed_options as (

    {{ json_options('custom', ['source_instance', 'field_key'], 'options') }}

),

unioned_options as (

    select
        source_instance,
        field_key,
        option_id,
        label

    from listed_options

    union all

    select
        _source_instance as source_instance,
        field_key,
        option_id,
        label

    from nested_options

),

options as (

    select
        source_instance,
        field_key || ':' || option_id as option_key,
        min(label) as label

    from unioned_options
    group by source_instance, field_key, option_id

),

option_labels as (

    select
        source_instance,
        {{ text_map('option_key', 'label') }} as option_labels

    from options
    group by source_instance

),

field_labels as (

    select
        source_instance,
        {{ text_map('field_key', 'label') }} as field_labels

    from custom
    group by source_instance

),

final as (

    select
        'pipedrive' as source_system,
        field_labels.source_instance,
        field_labels.field_labels,
        option_labels.option_labels

    from field_labels
    left join option_labels on field_labels.source_instance = option_labels.source_instance

)

select * from final
