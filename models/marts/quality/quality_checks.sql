with

checks as (

    select * from {{ ref('int_quality__checks') }}

),

findings as (

    select * from {{ ref('quality_findings') }}

),

unknown_words as (

    select * from {{ ref('int_quality__words_unknown') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

summed as (

    select
        entity,
        source_instance,
        column_name,
        word,
        sum(rows_count) as rows_count

    from unknown_words
    group by entity, source_instance, column_name, word

),

-- the most frequent: a column that was mapped by mistake may hold any text
frequent as (

    select
        entity,
        source_instance || ' has ' || column_name || ' ''' || word || ''' in ' || cast(rows_count as varchar) || ' rows' as told

    from summed
    qualify row_number() over (partition by entity order by rows_count desc, source_instance asc, word asc) <= 5

),

named as (

    select
        entity,
        'words_unknown' as finding,
        string_agg(told, ', ' order by told) as words

    from frequent
    group by entity

),

-- what the models found in the facts, by kind of data; owned by who builds them
found as (

    select
        findings.entity || '.' || findings.finding as check_name,
        findings.entity as table_name,
        clocks.checked_at,
        cast(count(*) as varchar) || ' months, the last ' || strftime(max(findings.period_start_date), '%Y-%m')
        || coalesce(': ' || named.words, '') as observed

    from findings
    cross join clocks
    left join named
        on
            findings.entity = named.entity
            and findings.finding = named.finding
    where findings.period_grain = 'month'
    group by findings.entity, findings.finding, clocks.checked_at, named.words

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
