with

checks as (

    select * from {{ ref('int_quality__checks') }}

),

findings as (

    select * from {{ ref('quality_findings') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- what the models found in the facts, by kind of data; owned by who builds them
found as (

    select
        findings.entity || '.' || findings.finding as check_name,
        findings.entity as table_name,
        clocks.checked_at,
        cast(count(*) as varchar) || ' months, the last ' || strftime(max(findings.period_start_date), '%Y-%m') as observed

    from findings
    cross join clocks
    where findings.period_grain = 'month'
    group by findings.entity, findings.finding, clocks.checked_at

),

final as (

    select
        check_name,
        source_instance,
        table_name,
        checked_at,
        kind,
        rule,
        column_name,
        on_breach,
        observed,
        expected,
        status,
        owner,
        from_date,
        to_date,
        is_current

    from checks

    union all

    select
        check_name,
        'warehouse' as source_instance,
        table_name,
        checked_at,
        'model' as kind,
        split_part(check_name, '.', 2) as rule,
        null as column_name,
        'distrust' as on_breach,
        observed,
        'none' as expected,
        'failed' as status,
        'analytics engineering' as owner,
        null as from_date,
        null as to_date,
        true as is_current

    from found

)

select * from final
