with

findings as (

    select * from {{ ref('quality_findings') }}

),

impossible_days as (

    select * from {{ ref('quality_impossible_days') }}

),

unknown_words as (

    select * from {{ ref('int_quality__words_unknown') }}

),

labels as (

    select * from {{ ref('finding_labels') }}

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

-- what makes sums too low is of months
months as (

    select
        entity,
        finding,
        count(*) as months_count,
        max(period_start_date) as last_date

    from findings
    where period_grain = 'month'
    group by entity, finding

),

-- what cannot have been is of records of one instance, which its owners put right
impossible as (

    select
        entity,
        source_instance,
        finding,
        sum(rows_count) as rows_count,
        min(found_date) as from_date,
        max(found_date) as to_date

    from impossible_days
    group by entity, source_instance, finding

),

told_by_instance as (

    select
        entity,
        finding

    from impossible
    group by entity, finding

),

final as (

    select
        impossible.source_instance || '.' || impossible.entity || '.' || impossible.finding as check_name,
        impossible.source_instance,
        impossible.entity,
        impossible.finding,
        case when labels.trust_status = 'trusted' then 'tell' else 'distrust' end as on_breach,
        cast(impossible.rows_count as varchar) || ' (first ' || cast(impossible.from_date as varchar) || ')' as observed,
        'sales operations' as owner,
        impossible.from_date,
        impossible.to_date

    from impossible
    left join labels on impossible.finding = labels.finding

    union all

    select
        months.entity || '.' || months.finding as check_name,
        'warehouse' as source_instance,
        months.entity,
        months.finding,
        'distrust' as on_breach,
        cast(months.months_count as varchar) || ' months, the last ' || strftime(months.last_date, '%Y-%m')
        || coalesce(': ' || named.words, '') as observed,
        'analytics engineering' as owner,
        cast(null as date) as from_date,
        cast(null as date) as to_date

    from months
    left join named
        on
            months.entity = named.entity
            and months.finding = named.finding
    left join told_by_instance
        on
            months.entity = told_by_instance.entity
            and months.finding = told_by_instance.finding
    where told_by_instance.finding is null

)

select * from final
