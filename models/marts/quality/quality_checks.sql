with

checks as (

    select * from {{ ref('int_quality__checks') }}

),

model_checks as (

    select * from {{ ref('quality_model_checks') }}

),

labels as (

    select * from {{ ref('finding_labels') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

unioned as (

    select
        check_name,
        source_instance,
        table_name,
        checked_at,
        kind,
        rule,
        'check_' || rule as finding,
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

    -- what the models found in the facts, by kind of data
    select
        model_checks.check_name,
        model_checks.source_instance,
        model_checks.entity as table_name,
        clocks.checked_at,
        'model' as kind,
        model_checks.finding as rule,
        model_checks.finding,
        null as column_name,
        model_checks.on_breach,
        model_checks.observed,
        'none' as expected,
        'failed' as status,
        model_checks.owner,
        model_checks.from_date,
        model_checks.to_date,
        true as is_current

    from model_checks
    cross join clocks

),

final as (

    select
        unioned.check_name,
        unioned.source_instance,
        unioned.table_name,
        unioned.checked_at,
        unioned.kind,
        unioned.rule,
        unioned.column_name,
        unioned.on_breach,
        unioned.observed,
        unioned.expected,
        unioned.status,
        unioned.owner,
        unioned.from_date,
        unioned.to_date,
        unioned.is_current,
        labels.label_en,
        labels.label_fr

    from unioned
    -- what passed needs no words
    left join labels on case when unioned.status <> 'passed' then unioned.finding end = labels.finding

)

select * from final
