with

deliveries as (

    select * from {{ ref('int_opportunity_deliveries__unioned') }}

),

numbered as (

    select
        *,
        row_number() over in_order as seen_number,
        lag(source_stage) over in_order as previous_stage,
        lag(owner_source_id) over in_order as previous_owner,
        lag(amount_local) over in_order as previous_amount,
        lag(close_date) over in_order as previous_close_date

    from deliveries
    window in_order as (partition by opportunity_id order by delivery_number)

),

unpivoted as (
    select
        *,
        'stage' as field_name
    from numbered
    where seen_number = 1 or source_stage is distinct from previous_stage
    union all
    select
        *,
        'owner' as field_name
    from numbered
    where seen_number = 1 or owner_source_id is distinct from previous_owner
    union all
    select
        *,
        'amount' as field_name
    from numbered
    where seen_number = 1 or amount_local is distinct from previous_amount
    union all
    select
        *,
        'close_date' as field_name
    from numbered
    where seen_number = 1 or close_date is distinct from previous_close_date

),

-- the value a field had at first is told only where it changed since: elsewhere the present one says the same
counted as (

    select
        *,
        count(*) over (partition by opportunity_id, field_name) as values_count

    from unpivoted

),

final as (

    select
        source_instance,
        opportunity_id,
        field_name,
        case when field_name = 'stage' then source_stage end as source_stage,
        case when field_name = 'owner' then owner_source_id end as owner_source_id,
        case when field_name = 'amount' then amount_local end as amount_local,
        case when field_name = 'close_date' then close_date end as close_date,
        -- it had its first value since it was made; a later one from the delivery that shows it first
        case when seen_number = 1 then coalesce(created_at, covered_until_at) else greatest(covered_until_at, created_at) end as changed_at,
        delivery_number as file_row,
        case when seen_number = 1 then 'assumed' else 'delivered' end as origin

    from counted
    where values_count > 1

)

select * from final
