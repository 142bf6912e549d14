with

checks as (

    select * from {{ ref('stg_gate__checks') }}
    where gate = 'raw'

),

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

checked as (

    select max(run_at) as newest_checked_at from checks

),

final as (

    select
        checked.newest_checked_at,
        max(loads.loaded_at) as newest_loaded_at,
        -- before anything landed there was nothing to check
        coalesce(checked.newest_checked_at >= max(loads.loaded_at), max(loads.loaded_at) is null) as is_run

    from checked
    left join loads on loads.state = 'loaded'
    group by checked.newest_checked_at

)

select * from final
