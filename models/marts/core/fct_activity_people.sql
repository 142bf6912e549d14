with

activities as (

    select * from {{ ref('int_activities__judged') }}

),

links as (

    select * from {{ ref('int_activity_people__linked') }}

),

people as (

    select * from {{ ref('int_people__conformed') }}

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

linked as (

    select
        activities.activity_id,
        links.contact_id,
        activities.activity_type,
        activities.occurred_at,
        activities.occurred_date,
        activities.rep_id,
        spells.team_id,
        activities.occurred_date <= clocks.as_of_date as is_past,
        -- the company's own people are not touched, whatever was logged on them
        activities.is_touch and people.exclusion_rule_id is null as is_touch

    from activities
    cross join clocks
    inner join links on activities.activity_id = links.activity_id
    inner join people on links.contact_id = people.contact_id
    left join spells on {{ in_spell('spells', 'activities.rep_id', 'activities.occurred_date') }}

),

final as (

    select
        activity_id,
        contact_id,
        activity_type,
        occurred_at,
        occurred_date,
        rep_id,
        coalesce(team_id, 'unknown') as team_id,
        is_past,
        is_touch,
        is_touch and row_number() over (
            partition by contact_id, is_touch
            order by occurred_at, activity_id
        ) = 1 as is_first_touch

    from linked

)

select * from final
