with

opportunity_stages as (

    select * from {{ ref('int_opportunity_stages__reached') }}

),

person_stages as (

    select * from {{ ref('int_person_stages__reached') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business'

),

leads as (

    select * from {{ ref('fct_leads') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

entries as (

    select
        'opportunity' as counting_unit,
        opportunity_stages.opportunity_id as record_id,
        opportunity_stages.stage,
        opportunity_stages.position,
        opportunity_stages.reached_date,
        opportunity_stages.strict_date,
        opportunity_stages.is_inferred,
        opportunity_stages.is_repaired,
        opportunity_stages.rep_id,
        opportunities.segment,
        opportunities.channel,
        opportunities.product

    from opportunity_stages
    inner join opportunities on opportunity_stages.opportunity_id = opportunities.opportunity_id

    union all

    select
        'person' as counting_unit,
        person_stages.contact_id as record_id,
        person_stages.stage,
        person_stages.position,
        person_stages.reached_date,
        person_stages.strict_date,
        person_stages.is_inferred,
        person_stages.is_repaired,
        person_stages.rep_id,
        leads.segment,
        leads.channel,
        'unknown' as product

    from person_stages
    inner join leads on person_stages.contact_id = leads.contact_id

),

final as (

    select
        entries.counting_unit,
        entries.record_id,
        entries.stage,
        cast(entries.position as bigint) as position,
        entries.reached_date,
        entries.strict_date,
        entries.is_inferred,
        entries.is_repaired,
        entries.rep_id,
        coalesce(spells.team_id, 'unknown') as team_id,
        entries.segment,
        entries.channel,
        entries.product

    from entries
    left join spells on {{ in_spell('spells', 'entries.rep_id', 'entries.reached_date') }}

)

select * from final
