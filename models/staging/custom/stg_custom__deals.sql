with

source as (

    {{ current_rows('custom', 'deals') }}

),

final as (

    select
        'custom' as source_system,
        _source_instance as source_instance,
        {{ source_id('deal_id') }} as opportunity_id,
        name as opportunity_name,
        {{ source_id('account_id') }} as account_source_id,
        cast(null as varchar) as company_domain,
        cast(null as varchar) as contact_ids,
        cast(null as varchar) as contact_email,
        {{ source_id('contact_id') }} as person_source_id,
        {{ source_id('lead_id') }} as lead_source_id,
        {{ source_id('owner_id') }} as owner_source_id,
        coalesce(pipeline, '') as pipeline,
        stage as source_stage,
        lower(status) as source_status,
        case when lower(status) in ('won', 'lost', 'no_decision') then true when lower(status) = 'open' then false end as is_closed,
        case when lower(status) = 'won' then true when lower(status) in ('lost', 'no_decision', 'open') then false end as is_won,
        coalesce(lower(status) = 'no_decision', false) as is_no_decision,
        opportunity_type as source_type,
        lead_source as source_value,
        lost_reason as source_reason,
        won_reason as source_win_reason,
        product,
        upper(coalesce(currency, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('amount', 'decimal(18,2)') }} as amount_local,
        cast(null as double) as probability,
        {{ as_timestamp('created_at') }} as created_at,
        {{ as_timestamp('closed_at') }} as closed_at,
        {{ local_date(as_timestamp('closed_at')) }} as close_date,
        {{ as_timestamp('first_contact_at') }} as first_contact_at,
        cast(null as varchar) as merged_ids,
        _is_gone as is_deleted,
        {{ custom_fields('fct_opportunities') }} as custom_fields

    from source

)

select * from final
