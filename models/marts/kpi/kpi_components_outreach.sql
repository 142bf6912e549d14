with

outcomes as (

    select * from {{ ref('fct_first_touch_outcomes') }}

),

counted as (

    select
        touched_date as component_date,
        rep_id,
        team_id,
        sum(case when touch_kind = 'any' and is_delivered then 1 else 0 end) as people_delivered_to,
        sum(case when touch_kind = 'any' and is_delivered and is_answered then 1 else 0 end) as people_answered,
        sum(case when touch_kind = 'any' and is_meeting_booked then 1 else 0 end) as people_booked,
        sum(case when touch_kind = 'call' then 1 else 0 end) as people_called,
        sum(case when touch_kind = 'call' and is_qualified then 1 else 0 end) as people_called_and_qualified,
        sum(case when touch_kind = 'email' then 1 else 0 end) as people_emailed,
        sum(case when touch_kind = 'email' and is_qualified then 1 else 0 end) as people_emailed_and_qualified

    from outcomes
    group by touched_date, rep_id, team_id

),

final as (
    {{ components_of(
        'counted',
        [
            'people_delivered_to', 'people_answered', 'people_booked', 'people_called', 'people_called_and_qualified',
            'people_emailed', 'people_emailed_and_qualified'
        ],
        ['rep_id', 'team_id']
    ) }}

)

select * from final
