with

source as (

    select * from {{ source('loader', 'checks') }}

),

runs as (

    select * from {{ ref('stg_loader__runs') }}

),

final as (

    select
        source.run_id,
        -- tests of dbt that the pipeline notes down, and expectations about exports and about marts
        case when source.gate = 'dbt' then 'dbt_test' else 'expectation' end as kind,
        source.gate,
        source.check_name,
        source.rule,
        source.source_system,
        source.source_instance,
        source.table_name,
        source.column_name,
        source.entity,
        source.on_breach,
        source.status,
        source.observed,
        source.expected,
        source.from_date,
        source.to_date,
        source.owner,
        source.checked_at,
        -- the clock of a check may be set, that of the run it was made in is not
        coalesce(runs.started_at, source.checked_at) as run_at,
        -- a run loads, then checks, and nobody else loads before it ends
        case
            when runs.outcome = 'running' then cast('9999-12-31' as timestamp)
            else coalesce(runs.finished_at, runs.started_at, source.checked_at)
        end as covers_until

    from source
    left join runs on source.run_id = runs.run_id

)

select * from final
