with

opportunities as (

    select * from {{ ref('int_opportunities__resolved') }}

),

final as (

    select
        source_system,
        source_instance,
        opportunity_id,
        account_id,
        owner_source_id,
        pipeline,
        source_stage,
        stage,
        status,
        opportunity_type,
        source_value,
        loss_reason,
        win_reason,
        product,
        currency_code,
        amount_local,
        probability,
        created_at,
        closed_at,
        close_date,
        first_contact_at,
        custom_fields

    from opportunities
    where not is_deleted

)

select * from final
