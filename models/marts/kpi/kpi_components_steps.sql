with

steps as (

    select * from {{ ref('funnel_steps_daily') }}
    where view = 'cohort' and counting = 'reached'

),

unioned as (

    select
        from_stage || '_to_' || to_stage || '_entrants' as component_code,
        entered_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        entrants_count as component_value

    from steps

    union all

    select
        from_stage || '_to_' || to_stage || '_converted' as component_code,
        entered_date as component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        converted_count as component_value

    from steps

),

final as (

    select
        component_code,
        component_date,
        rep_id,
        team_id,
        segment,
        channel,
        product,
        cast(component_value as decimal(38, 6)) as component_value

    from unioned
    where component_value <> 0

)

select * from final
