with

spells as (

    select * from {{ ref('int_reps__spelled') }}

),

-- whom records without an owner, or with one that resolves to nobody, are credited to
nobody as (

    select 'unallocated' as rep_id
    union all
    select 'unknown' as rep_id

),

final as (

    select
        rep_id,
        team_id,
        role,
        manager_rep_id,
        valid_from_date,
        valid_to_date

    from spells

    union all

    select
        rep_id,
        rep_id as team_id,
        'unknown' as role,
        cast(null as varchar) as manager_rep_id,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date

    from nobody

)

select * from final
