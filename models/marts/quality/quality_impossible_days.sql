with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

repaired as (

    select * from {{ ref('fct_stage_entries') }}
    where is_repaired

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

closed as (

    select
        opportunities.*,
        opportunities.status = 'won' and opportunities.opportunity_type = 'new_business' as has_cycle,
        coalesce({{ local_date('opportunities.closed_at') }}, opportunities.created_date) as entered_date,
        clocks.as_of_date

    from opportunities
    cross join clocks
    where opportunities.status <> 'open'

),

-- what cannot have been: figures leave it out, put it right or wait for it, and here it is counted
found as (

    select 'opportunities' as entity, source_instance, 'sales_cycle_negative' as finding, close_date as found_date
    from closed
    where has_cycle and first_contact_date > close_date
    union all
    select 'opportunities' as entity, source_instance, 'made_after_closing' as finding, close_date as found_date
    from closed
    where has_cycle and created_date > close_date
    union all
    -- an amount of 0 is said, as of a free pilot; one without a rate is another finding
    select 'opportunities' as entity, source_instance, 'won_without_amount' as finding, coalesce(close_date, entered_date) as found_date
    from closed
    where status = 'won' and amount_local is null
    union all
    select 'opportunities' as entity, source_instance, 'closed_without_date' as finding, entered_date as found_date
    from closed
    where close_date is null
    union all
    -- it is of no period yet: of the day of the figures that lack it
    select 'opportunities' as entity, source_instance, 'closed_in_future' as finding, as_of_date as found_date
    from closed
    where close_date > as_of_date
    union all
    select 'opportunities' as entity, opportunities.source_instance, 'stages_out_of_order' as finding, repaired.reached_date as found_date
    from repaired
    inner join opportunities on repaired.record_id = opportunities.opportunity_id
    where repaired.counting_unit = 'opportunity'
    union all
    select 'people' as entity, leads.source_instance, 'stages_out_of_order' as finding, repaired.reached_date as found_date
    from repaired
    inner join leads on repaired.record_id = leads.contact_id
    where repaired.counting_unit = 'person'

),

final as (

    select
        entity,
        source_instance,
        finding,
        found_date,
        cast(count(*) as bigint) as rows_count

    from found
    group by entity, source_instance, finding, found_date

)

select * from final
