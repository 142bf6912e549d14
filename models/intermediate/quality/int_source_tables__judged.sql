with

spans as (

    select * from {{ ref('int_source_tables__timed') }}

),

holidays as (

    select * from {{ ref('public_holidays') }}

),

closed_days as (

    {{ closed_days('holidays') }}

),

closed as (

    select
        spans.source_system,
        spans.source_instance,
        spans.table_name,
        spans.cause,
        sum(date_diff(
            'second', greatest(spans.starts_at, closed_days.starts_at), least(spans.ends_at, closed_days.ends_at)
        )) as closed_seconds

    from spans
    inner join closed_days on spans.starts_at < closed_days.ends_at and spans.ends_at > closed_days.starts_at
    where spans.is_in_business_days
    group by spans.source_system, spans.source_instance, spans.table_name, spans.cause

),

aged as (

    select
        spans.*,
        cast(date_diff('second', spans.starts_at, spans.ends_at) - coalesce(closed.closed_seconds, 0) as double) / 3600 as age_hours

    from spans
    left join closed
        on
            spans.source_system = closed.source_system
            and spans.source_instance = closed.source_instance
            and spans.table_name = closed.table_name
            and spans.cause = closed.cause

),

final as (

    select
        source_system,
        source_instance,
        table_name,
        entity,
        newest_extracted_at,
        newest_business_at,
        cause,
        is_in_business_days,
        case when age_hours > limit_hours then age_hours - limit_hours else 0 end as hours_late,
        limit_hours,
        stale_after_hours,
        case
            when age_hours > stale_after_hours then 'stale'
            when age_hours > limit_hours then 'late'
            else 'fresh'
        end as status

    from aged
    -- the worse of both counts; of two alike the export, which explains its content
    qualify row_number() over (
        partition by source_system, source_instance, table_name
        order by
            coalesce(age_hours > stale_after_hours, false) desc,
            coalesce(age_hours > limit_hours, false) desc,
            cause desc
    ) = 1

)

select * from final
