with

checks as (

    select * from {{ ref('stg_gate__checks') }}
    where gate = 'raw'

),

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

checked as (

    select max(covers_until) as checked_until from checks

),

final as (

    select
        checked.checked_until,
        max(loads.loaded_at) as newest_loaded_at,
        -- before anything landed there was nothing to check
        coalesce(checked.checked_until >= max(loads.loaded_at), max(loads.loaded_at) is null) as is_run

    from checked
    left join loads on loads.state = 'loaded'
    group by checked.checked_until

)

select * from final
