with

people as (

    select * from {{ ref('int_people__unioned') }}

),

exclusions as (

    select * from {{ ref('exclusion_rules') }}
    where entity = 'person'

),

final as (

    select
        people.person_source_id,
        min(exclusions.rule_id) as exclusion_rule_id

    from people
    inner join exclusions
        on {{ matches_rule(
            'exclusions',
            {'email_domain': 'people.email_domain', 'lead_status': 'people.lead_status', 'source': 'people.source_value'}
        ) }}
    group by people.person_source_id

)

select * from final
