with

fields as (

    {{ current_rows('salesforce', 'opportunity_field_history') }}

),

histories as (

    select * from {{ ref('stg_salesforce__opportunity_changes') }}
    where field_name = 'stage'

),

opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

parsed as (

    select
        _source_instance as source_instance,
        {{ source_id('opportunity_id') }} as opportunity_id,
        case lower(replace(field, ' ', '')) when 'amount' then 'amount' when 'closedate' then 'close_date' else 'stage' end as field_name,
        old_value as previous_stage,
        new_value as source_stage,
        {{ as_number('old_value', 'decimal(18,2)') }} as previous_amount_local,
        {{ as_number('new_value', 'decimal(18,2)') }} as amount_local,
        {{ as_date('old_value') }} as previous_close_date,
        {{ as_date('new_value') }} as close_date,
        {{ as_timestamp('created_date') }} as changed_at,
        _file_row as file_row

    from fields
    where lower(replace(field, ' ', '')) in ('stagename', 'stage', 'amount', 'closedate')

),

-- an org that exports its opportunity history has all of this there, and further back
instances as (

    select source_instance
    from histories
    group by source_instance

),

tracked as (

    select
        parsed.*,
        opportunities.created_at,
        row_number() over (
            partition by parsed.opportunity_id, parsed.field_name
            order by parsed.changed_at, parsed.file_row
        ) = 1 as is_first

    from parsed
    inner join opportunities on parsed.opportunity_id = opportunities.opportunity_id
    left join instances on parsed.source_instance = instances.source_instance
    where instances.source_instance is null

),

-- what a field was before the first change that is remembered, it is assumed to have been since the deal was made
unioned as (

    select source_instance, opportunity_id, field_name, source_stage, amount_local, close_date, changed_at, file_row, 'logged' as origin
    from tracked

    union all

    select
        source_instance, opportunity_id, field_name, previous_stage as source_stage, previous_amount_local as amount_local,
        previous_close_date as close_date, least(created_at, changed_at) as changed_at, -1 as file_row, 'assumed' as origin
    from tracked
    where is_first and previous_stage is not null

),

final as (

    select
        'salesforce' as source_system,
        source_instance,
        opportunity_id,
        field_name,
        case when field_name = 'stage' then source_stage end as source_stage,
        case when field_name = 'amount' then amount_local end as amount_local,
        case when field_name = 'close_date' then close_date end as close_date,
        changed_at,
        file_row,
        origin

    from unioned

)

select * from final
