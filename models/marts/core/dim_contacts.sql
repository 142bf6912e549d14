with

people as (

    select * from {{ ref('int_people__conformed') }}

),

final as (

    select
        contact_id,
        {{ keyed_hash('person_email') }} as email_hash,
        account_id,
        source_system,
        source_instance,
        job_title,
        records_count,
        exclusion_rule_id

    from people

)

select * from final
