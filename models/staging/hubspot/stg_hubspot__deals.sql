with

source as (

    {{ current_rows('hubspot', 'deals') }}

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        {{ source_id('id') }} as opportunity_id,
        dealname as opportunity_name,
        {{ source_id("split_part(replace(associated_company_ids, ',', ';'), ';', 1)") }} as account_source_id,
        {{ domain_of('associated_company_domain') }} as company_domain,
        associated_contact_ids as contact_ids,
        lower(trim(associated_contact_email)) as contact_email,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        coalesce(pipeline, '') as pipeline,
        dealstage as source_stage,
        {{ as_boolean('hs_is_closed') }} as is_closed,
        {{ as_boolean('hs_is_closed_won') }} as is_won,
        dealtype as source_type,
        hs_analytics_source as source_value,
        closed_lost_reason as source_reason,
        hs_product as product,
        upper(coalesce(deal_currency_code, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_number('hs_deal_stage_probability', 'double') }} as probability,
        {{ as_timestamp('createdate') }} as created_at,
        {{ as_timestamp('closedate') }} as closed_at,
        cast({{ local_date(as_timestamp('closedate')) }} as date) as close_date,
        cast(null as timestamp) as first_contact_at,
        hs_merged_object_ids as merged_ids,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted,
        _extra as custom_fields

    from source

)

select * from final
