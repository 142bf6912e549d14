with

gate_checks as (

    select * from {{ ref('stg_gate__checks') }}
    -- a clock that was set may stand still: of several runs at one moment the last one counts
    qualify row_number() over (partition by check_name, source_instance, table_name, checked_at order by run_at desc, run_id asc) = 1

),

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

exceptions as (

    select * from {{ ref('check_exceptions') }}

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
        coalesce(sum(loads.rejected_rows_count) filter (where loads.state = 'loaded'), 0) as rejected_count,
        coalesce(sum(loads.rows_count) filter (where loads.state = 'loaded'), 0) as rows_count

    from loads
    left join tables
        on
            loads.source_system = tables.source_system
            and loads.table_name = tables.table_name
    where loads.state in ('loaded', 'refused')
    group by loads.source_system, loads.source_instance, loads.table_name, loads.entity, tables.owner, loads.loaded_at

),

unioned as (

    select
        kind, gate, run_id, check_name, rule, source_system, source_instance, table_name, column_name, entity, on_breach, observed,
        expected, status = 'passed' as is_passed, owner, from_date, to_date, checked_at, run_at
    from gate_checks

    union all

    select
        'loader' as kind, null as gate, null as run_id, source_instance || '.' || table_name || '.rejected_rows' as check_name,
        'rejected_rows' as rule, source_system, source_instance, table_name, null as column_name, entity, 'distrust' as on_breach,
        cast(rejected_count as varchar) || ' of ' || cast(rejected_count + rows_count as varchar) || ' rows' as observed,
        'at most 0.1 %' as expected, rejected_count <= 0.001 * (rejected_count + rows_count) as is_passed,
        owner, null as from_date, null as to_date, checked_at, checked_at as run_at
    from loaded
    where loaded_count > 0

    union all

    select
        'loader' as kind, null as gate, null as run_id, source_instance || '.' || table_name || '.refused_files' as check_name,
        'refused_files' as rule, source_system, source_instance, table_name, null as column_name, entity, 'stop' as on_breach,
        cast(refused_count as varchar) || ' of ' || cast(refused_count + loaded_count as varchar) || ' files' as observed,
        'none' as expected, refused_count = 0 as is_passed, owner, null as from_date, null as to_date, checked_at,
        checked_at as run_at
    from loaded

),

-- a known debt counts as one until it expires
excused as (

    select
        unioned.*,
        bool_or(exceptions.reason is not null) as is_excused

    from unioned
    left join exceptions
        on
            exceptions.check_name in (unioned.check_name, unioned.rule)
            and exceptions.source in (unioned.source_instance, unioned.source_instance || '/' || unioned.table_name, unioned.table_name)
            and cast(unioned.checked_at as date) <= exceptions.expires_on
    group by all

),

-- what stands: the newest run of a gate, the newest files of a table
final as (

    select
        kind,
        check_name,
        rule,
        source_system,
        coalesce(source_instance, 'warehouse') as source_instance,
        table_name,
        column_name,
        entity,
        on_breach,
        observed,
        expected,
        case when is_passed then 'passed' when is_excused then 'excused' else 'failed' end as status,
        owner,
        from_date,
        to_date,
        checked_at,
        case
            when kind = 'loader' then checked_at = max(checked_at) over (partition by check_name)
            else run_at = max(run_at) over (partition by kind, gate)
        end as is_current

    from excused

)

select * from final
