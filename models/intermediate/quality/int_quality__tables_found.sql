with

checks as (

    select * from {{ ref('int_quality__checks') }}

),

judged as (

    select * from {{ ref('int_source_tables__judged') }}

),

labels as (

    select * from {{ ref('finding_labels') }}

),

-- how late a table is, is said by its freshness alone; what a gate would have stopped is not to be believed, while a
-- file that the loader refused leaves the one before
broken as (

    select
        checks.source_system,
        checks.source_instance,
        checks.table_name,
        checks.entity,
        case
            when checks.kind = 'expectation' and checks.on_breach = 'stop' then 'stopped'
            else coalesce(labels.finding, 'check_failed')
        end as finding,
        checks.from_date,
        checks.to_date

    from checks
    left join labels on labels.finding = 'check_' || checks.rule
    where
        checks.is_current
        and checks.status = 'failed'
        and checks.kind in ('loader', 'expectation')
        and checks.source_system is not null
        and checks.rule not in ('freshness', 'silence')

),

-- what came last tells of a day until its own moment; of an old export that came again, that is the newest thing in it
late as (

    select
        source_system,
        source_instance,
        table_name,
        entity,
        {{ local_date("case when cause = 'content' then newest_business_at else newest_extracted_at end") }} as from_date

    from judged
    where status = 'stale'

),

final as (

    select
        source_system,
        source_instance,
        table_name,
        entity,
        finding,
        from_date,
        to_date

    from broken

    union

    select
        source_system,
        source_instance,
        table_name,
        entity,
        'late_exports' as finding,
        from_date,
        null as to_date

    from late

)

select * from final
