with

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

-- what the loader made of the files of a table at a time
loaded as (

    select
        loads.source_system,
        loads.source_instance,
        coalesce(loads.table_name, 'unrecognised') as table_name,
        loads.entity,
        tables.owner,
        loads.loaded_at as checked_at,
        count(*) filter (where loads.state = 'refused') as refused_count,
        count(*) filter (where loads.state = 'loaded') as loaded_count,
        coalesce(sum(loads.rejected_rows_count - loads.without_email_rows_count) filter (where loads.state = 'loaded'), 0)
            as rejected_count,
        coalesce(sum(loads.rows_count) filter (where loads.state = 'loaded'), 0) as rows_count

    from loads
    left join tables
        on
            loads.source_system = tables.source_system
            and loads.table_name = tables.table_name
    where loads.state in ('loaded', 'refused')
    group by loads.source_system, loads.source_instance, loads.table_name, loads.entity, tables.owner, loads.loaded_at

),

judged as (

    select
        *,
        'rejected_rows' as rule,
        'distrust' as on_breach,
        cast(rejected_count as varchar) || ' of ' || cast(rejected_count + rows_count as varchar) || ' rows' as observed,
        'at most 0.1 %' as expected,
        rejected_count <= 0.001 * (rejected_count + rows_count) as is_passed
    from loaded
    where loaded_count > 0

    union all

    select
        *,
        'refused_files' as rule,
        'stop' as on_breach,
        cast(refused_count as varchar) || ' of ' || cast(refused_count + loaded_count as varchar) || ' files' as observed,
        'none' as expected,
        refused_count = 0 as is_passed
    from loaded

),

final as (

    select
        source_instance || '.' || table_name || '.' || rule as check_name,
        rule,
        source_system,
        source_instance,
        table_name,
        entity,
        on_breach,
        observed,
        expected,
        is_passed,
        owner,
        checked_at

    from judged

)

select * from final
