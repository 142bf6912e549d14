with

source as (

    {{ current_rows('salesforce', 'opportunity_contact_roles') }}

),

final as (

    select
        {{ source_id('opportunity_id') }} as opportunity_id,
        {{ source_id('contact_id') }} as person_source_id,
        coalesce({{ as_boolean('is_primary') }}, false) as is_primary,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from source

)

select * from final
