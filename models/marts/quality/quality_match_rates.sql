with

matches as (
    {{ union_by_name(
        [
            'int_records__matched', 'int_opportunities__matched', 'int_activities__matched', 'int_billing__matched'
        ],
        ['left_system', 'right_system', 'entity', 'unmatched_reason']
    ) }}

),

limits as (

    select * from {{ ref('match_limits') }}

),

reasons as (

    select
        left_system,
        right_system,
        entity,
        unmatched_reason,
        count(*) as records_count

    from matches
    group by left_system, right_system, entity, unmatched_reason

),

counted as (

    select
        left_system,
        right_system,
        entity,
        sum(records_count) as left_count,
        coalesce(sum(case when unmatched_reason is null then records_count end), 0) as matched_count,
        string_agg(
            case when unmatched_reason is not null then '"' || unmatched_reason || '": ' || cast(records_count as varchar) end,
            ', '
            order by unmatched_reason
        ) as unmatched_reasons

    from reasons
    group by left_system, right_system, entity

),

rated as (

    select
        left_system,
        right_system,
        entity,
        left_count,
        matched_count,
        cast(matched_count as double) / left_count as match_rate,
        '{' || coalesce(unmatched_reasons, '') || '}' as unmatched_reason_counts

    from counted

),

final as (

    select
        rated.left_system,
        rated.right_system,
        rated.entity,
        cast(rated.left_count as bigint) as left_count,
        cast(rated.matched_count as bigint) as matched_count,
        rated.match_rate,
        rated.unmatched_reason_counts,
        limits.minimum_rate as limit_rate,
        -- a rate of a handful of records says nothing
        coalesce(rated.match_rate < limits.minimum_rate and rated.left_count >= 10, false) as is_low

    from rated
    left join limits on rated.entity = limits.entity

)

select * from final
