with

source as (

    {{ current_rows('salesforce', 'opportunities') }}

),

final as (

    select
        'salesforce' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as opportunity_id,
        name as opportunity_name,
        {{ source_id('account_id') }} as account_source_id,
        cast(null as varchar) as company_domain,
        cast(null as varchar) as contact_ids,
        cast(null as varchar) as contact_email,
        case when owner_id not like '00G%' then {{ source_id('owner_id') }} end as owner_source_id,
        '' as pipeline,
        stage_name as source_stage,
        {{ as_boolean('is_closed') }} as is_closed,
        {{ as_boolean('is_won') }} as is_won,
        false as is_no_decision,
        type as source_type,
        lead_source as source_value,
        loss_reason as source_reason,
        won_reason as source_win_reason,
        product,
        upper(coalesce(currency_iso_code, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_number("replace(probability, '%', '')", 'double') }} / 100 as probability,
        {{ as_timestamp('created_date') }} as created_at,
        cast(null as timestamp) as closed_at,
        {{ as_date('close_date') }} as close_date,
        cast(null as timestamp) as first_contact_at,
        cast(null as varchar) as merged_ids,
        _is_gone or coalesce({{ as_boolean('is_deleted') }}, false) as is_deleted,
        {{ custom_fields('fct_opportunities') }} as custom_fields

    from source

)

select * from final
