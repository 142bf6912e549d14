with

source as (

    {{ current_rows('stripe', 'customers') }}

),

final as (

    select
        'stripe' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as customer_source_id,
        name as customer_name,
        lower(trim(email)) as customer_email,
        coalesce(crm_account_id, {{ json_text('metadata', 'crm_account_id') }}, {{ json_text('metadata', 'account_id') }}, {{ json_text('metadata', 'company_id') }}, {{ json_text('metadata', 'hubspot_company_id') }}, {{ json_text('metadata', 'salesforce_account_id') }}) as crm_account_id,
        {{ as_timestamp('created') }} as created_at,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted

    from source

)

select * from final
