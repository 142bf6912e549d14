with

states as (

    select * from {{ ref('int_opportunity_states__spelled') }}

),

spells as (

    select * from {{ ref('int_reps__spelled') }}

),

ended as (

    select
        *,
        case when status = 'open' then to_date else from_date end as owned_until_date

    from states

),

-- an open deal goes with its owner from team to team, a closed one stays with the team that closed it
final as (

    select
        ended.opportunity_id,
        case when ended.status = 'open' then greatest(ended.from_date, spells.valid_from_date) else ended.from_date end as from_date,
        case when ended.status = 'open' then least(ended.to_date, spells.valid_to_date) else ended.to_date end as to_date,
        ended.source_stage,
        ended.stage,
        ended.status,
        ended.rep_id,
        -- nobody is in a team of that name
        coalesce(spells.team_id, ended.rep_id) as team_id,
        ended.amount_local,
        ended.close_date

    from ended
    left join spells on {{ in_spell('spells', 'ended.rep_id', 'ended.from_date', 'ended.owned_until_date') }}

)

select * from final
