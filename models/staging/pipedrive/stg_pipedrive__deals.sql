with

source as (

    {{ current_rows('pipedrive', 'deals') }}

),

logged as (

    select * from {{ ref('stg_pipedrive__logged_deals') }}

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

listed as (

    select
        _source_instance as source_instance,
        coalesce(logged.opportunity_id, {{ source_id('labelled.id') }}) as opportunity_id,
        title as opportunity_name,
        {{ source_id('org_id') }} as account_source_id,
        {{ source_id('person_id') }} as person_source_id,
        {{ source_id('labelled.owner_id') }} as owner_source_id,
        coalesce(pipeline_id, '') as pipeline,
        stage_id as source_stage,
        lower(labelled.status) as status,
        origin as source_value,
        labelled.lost_reason as source_reason,
        upper(coalesce(currency, '{{ var("reporting_currency") }}')) as currency_code,
        {{ as_number('value', 'decimal(18,2)') }} as amount_local,
        {{ as_number("replace(probability, '%', '')", 'double') }} / 100 as probability,
        coalesce({{ as_timestamp('add_time') }}, logged.created_at) as created_at,
        coalesce({{ as_timestamp('won_time') }}, {{ as_timestamp('lost_time') }}, logged.status_at) as closed_at,
        {{ as_date('expected_close_date') }} as expected_close_date,
        merge_what_id as merged_ids,
        _is_gone or lower(labelled.status) = 'deleted' as is_deleted,
        {{ custom_fields('fct_opportunities', 'labelled_fields') }} as custom_fields

    from labelled
    left join logged
        on
            labelled._source_instance = logged.source_instance
            and labelled.id = logged.deal_id
            and logged.deal_number = logged.last_number

),

unlisted as (

    select
        logged.source_instance,
        logged.opportunity_id,
        cast(null as varchar) as opportunity_name,
        cast(null as varchar) as account_source_id,
        cast(null as varchar) as person_source_id,
        logged.owner_source_id,
        '' as pipeline,
        logged.source_stage,
        -- without a status in the log, a reason for the loss given last is what closes a deal
        coalesce(lower(logged.status), case when logged.lost_reason is not null and logged.lost_at >= logged.staged_at then 'lost' end) as status,
        cast(null as varchar) as source_value,
        logged.lost_reason as source_reason,
        '{{ var("reporting_currency") }}' as currency_code,
        logged.amount_local,
        cast(null as double) as probability,
        logged.created_at,
        coalesce(logged.status_at, logged.lost_at) as closed_at,
        cast(null as date) as expected_close_date,
        cast(null as varchar) as merged_ids,
        false as is_deleted,
        cast(null as varchar) as custom_fields

    from logged
    left join listed on logged.opportunity_id = listed.opportunity_id
    where listed.opportunity_id is null

),

unioned as (

    select * from listed
    union all
    select * from unlisted

),

final as (

    select
        'pipedrive' as source_system,
        source_instance,
        opportunity_id,
        opportunity_name,
        account_source_id,
        cast(null as varchar) as company_domain,
        cast(null as varchar) as contact_ids,
        cast(null as varchar) as contact_email,
        person_source_id,
        owner_source_id,
        pipeline,
        source_stage,
        case when status in ('won', 'lost') then true when status = 'open' then false end as is_closed,
        case when status = 'won' then true when status in ('lost', 'open') then false end as is_won,
        false as is_no_decision,
        cast(null as varchar) as source_type,
        source_value,
        source_reason,
        cast(null as varchar) as source_win_reason,
        cast(null as varchar) as product,
        currency_code,
        amount_local,
        probability,
        created_at,
        case when status in ('won', 'lost') then closed_at end as closed_at,
        case when status in ('won', 'lost') then {{ local_date('closed_at') }} else expected_close_date end as close_date,
        cast(null as timestamp) as first_contact_at,
        merged_ids,
        is_deleted,
        custom_fields

    from unioned

)

select * from final
