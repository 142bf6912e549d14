-- An action is reviewed after it was decided: before that there is nothing to see of it. Told is which, not whose.
with

final as (

    select
        action_id,
        decided_on,
        review_on

    from {{ ref('kpi_actions') }}
    where review_on <= decided_on or review_on is null or decided_on is null

)

select * from final
