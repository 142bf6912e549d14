with

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where status in ('won', 'lost', 'no_decision')

),

periods as (

    select * from {{ ref('dim_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

period_days as (

    {{ days_of_periods() }}

),

closed as (

    select
        opportunity_type,
        status,
        case when status = 'won' then win_reason else loss_reason end as reason,
        close_date,
        owner_rep_id as rep_id,
        team_id,
        segment,
        channel,
        product,
        coalesce(opportunity_amount, 0) as closed_amount

    from opportunities

),

scoped as (

    select
        opportunity_type,
        status,
        reason,
        close_date,
        {{ scope_columns() }},
        count(*) as closed_count,
        sum(closed_amount) as closed_amount

    from closed
    group by {{ scope_grouping_sets(['opportunity_type', 'status', 'reason', 'close_date']) }}

),

summed as (

    select
        period_days.period_grain,
        period_days.period_start_date,
        scoped.scope_type,
        scoped.scope_id,
        scoped.opportunity_type,
        scoped.status,
        scoped.reason,
        sum(scoped.closed_count) as closed_count,
        sum(scoped.closed_amount) as closed_amount

    from scoped
    inner join period_days on scoped.close_date = period_days.date_day
    group by
        period_days.period_grain, period_days.period_start_date, scoped.scope_type, scoped.scope_id, scoped.opportunity_type,
        scoped.status, scoped.reason

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        opportunity_type,
        status,
        reason,
        cast(closed_count as bigint) as closed_count,
        cast(closed_amount as decimal(18, 2)) as closed_amount,
        cast(closed_count as double) / sum(closed_count) over (
            partition by period_grain, period_start_date, scope_type, scope_id, opportunity_type
        ) as closed_share

    from summed

)

select * from final
