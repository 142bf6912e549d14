with

gate_checks as (

    select * from {{ ref('stg_gate__checks') }}
    -- a clock that was set may stand still: of several runs at one moment the last one counts
    qualify row_number() over (partition by check_name, source_instance, table_name, checked_at order by run_at desc, run_id asc) = 1

),

loads as (

    select * from {{ ref('int_loads__checked') }}

),

exceptions as (

    select * from {{ ref('check_exceptions') }}

),

unioned as (

    select
        kind, gate, check_name, rule, source_system, source_instance, table_name, column_name, entity, on_breach, observed,
        expected, status, owner, from_date, to_date, checked_at, run_at
    from gate_checks

    union all

    select
        'loader' as kind, null as gate, check_name, rule, source_system, source_instance, table_name, null as column_name, entity,
        on_breach, observed, expected, case when is_passed then 'passed' else 'failed' end as status, owner,
        null as from_date, null as to_date, checked_at, checked_at as run_at
    from loads

),

-- a known debt counts as one until it expires, a change that somebody said is meant as none
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
        case when status = 'accepted' or (status = 'failed' and is_excused) then 'excused' else status end as status,
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
