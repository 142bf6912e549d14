with

invoices as (

    select * from {{ ref('int_invoices__unioned') }}

),

activities as (

    select * from {{ ref('int_activities__unioned') }}

),

custom_deals as (

    select * from {{ ref('stg_custom__deals') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__resolved') }}

),

found as (

    select
        'invoices' as entity,
        source_instance,
        'status' as column_name,
        coalesce(status, '') as word,
        issued_date as found_date

    from invoices
    where is_finalised is null

    union all

    select
        'activities' as entity,
        source_instance,
        'direction' as column_name,
        direction as word,
        occurred_date as found_date

    from activities
    where activity_type in ('call', 'email') and direction not in ('outbound', 'inbound')

    union all

    -- a stage that is won or lost speaks for a deal whose status says nothing; else it seems open
    select
        'opportunities' as entity,
        custom_deals.source_instance,
        'status' as column_name,
        custom_deals.source_status as word,
        coalesce(opportunities.close_date, {{ local_date('opportunities.created_at') }}) as found_date

    from custom_deals
    inner join opportunities on custom_deals.opportunity_id = opportunities.opportunity_id
    where
        custom_deals.source_status is not null
        and custom_deals.is_closed is null
        and opportunities.status = 'open'
        and not opportunities.is_deleted

),

final as (

    select
        entity,
        source_instance,
        column_name,
        word,
        found_date,
        count(*) as rows_count

    from found
    group by entity, source_instance, column_name, word, found_date

)

select * from final
