with

source as (

    {{ current_rows('hubspot', 'deals') }}

),

associations as (

    {{ current_rows('hubspot', 'deal_companies') }}

),

-- an association of type 5 is the primary company; without one, the first id stands for it
companies as (

    select
        {{ source_id('deal_id') }} as opportunity_id,
        min_by({{ source_id('company_id') }}, case when type_id = '5' then '' else company_id end) as account_source_id

    from associations
    where not _is_gone
    group by {{ source_id('deal_id') }}

),

listed as (

    select
        *,
        {{ source_id('id') }} as opportunity_id

    from source

),

final as (

    select
        'hubspot' as source_system,
        _source_instance as source_instance,
        listed.opportunity_id,
        dealname as opportunity_name,
        coalesce(
            {{ source_id('primary_company_id') }},
            {{ source_id(first_listed('associated_company_ids')) }},
            companies.account_source_id
        ) as account_source_id,
        {{ domain_of('associated_company_domain') }} as company_domain,
        associated_contact_ids as contact_ids,
        lower(trim(associated_contact_email)) as contact_email,
        {{ source_id('hubspot_owner_id') }} as owner_source_id,
        coalesce(pipeline, '') as pipeline,
        dealstage as source_stage,
        {{ as_boolean('hs_is_closed') }} as is_closed,
        {{ as_boolean('hs_is_closed_won') }} as is_won,
        false as is_no_decision,
        dealtype as source_type,
        hs_analytics_source as source_value,
        closed_lost_reason as source_reason,
        closed_won_reason as source_win_reason,
        hs_product as product,
        upper(coalesce(deal_currency_code, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        {{ as_share('hs_deal_stage_probability') }} as probability,
        {{ as_timestamp('createdate') }} as created_at,
        {{ as_timestamp('closedate') }} as closed_at,
        cast({{ local_date(as_timestamp('closedate')) }} as date) as close_date,
        cast(null as timestamp) as first_contact_at,
        hs_merged_object_ids as merged_ids,
        _is_gone or coalesce({{ as_boolean('archived') }}, false) as is_deleted,
        {{ custom_fields('fct_opportunities') }} as custom_fields

    from listed
    left join companies on listed.opportunity_id = companies.opportunity_id

)

select * from final
