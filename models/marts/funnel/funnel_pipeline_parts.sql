with

deals as (

    select * from {{ ref('funnel_pipeline_deals') }}

),

pushes as (

    select * from {{ ref('fct_pipeline_spells') }}
    where is_put_off and opportunity_type <> 'renewal'

),

bookings as (

    select * from {{ ref('fct_bookings') }}
    where opportunity_type <> 'renewal'

),

windows as (

    select * from {{ ref('kpi_windows') }}

),

quotas as (

    select * from {{ ref('kpi_quotas') }}
    where quota_amount > 0

),

-- what was due belongs to who had it when the period began; what is still due to who has it now
facts as (

    select
        period_grain, period_start_date, purpose,
        segment, channel, product,
        start_rep_id as rep_id,
        start_team_id as team_id,
        1 as due_count,
        case when outcome in ('closing', 'pushed_out') and end_close_date > start_close_date then 1 else 0 end as pushed_count,
        start_amount as opening_due_amount,
        case when outcome = 'won' then start_amount else 0 end as due_won_amount,
        case when outcome = 'lost' then start_amount else 0 end as due_lost_amount,
        case when outcome = 'pushed_out' then start_amount else 0 end as slipped_amount

    from deals
    where entry = 'opening'

    union all by name

    select
        period_grain, period_start_date, purpose,
        end_rep_id as rep_id,
        end_team_id as team_id,
        segment, channel, product,
        end_amount as open_due_amount

    from deals
    where outcome = 'closing'

    union all by name

    select
        windows.period_grain, windows.period_start_date, windows.purpose,
        bookings.rep_id, bookings.team_id,
        bookings.segment, bookings.channel, bookings.product,
        bookings.booking_amount as won_amount

    from bookings
    inner join windows on bookings.booking_date between windows.window_start_date and windows.window_end_date

    union all by name

    select
        windows.period_grain, windows.period_start_date, windows.purpose,
        pushes.rep_id, pushes.team_id,
        pushes.segment, pushes.channel, pushes.product,
        1 as pushes_count

    from pushes
    inner join windows on pushes.from_date between windows.window_start_date and windows.window_end_date

),

scoped as (

    select
        period_grain, period_start_date, purpose,
        {{ scope_columns() }},
        sum(due_count) as due_count,
        sum(pushed_count) as pushed_count,
        sum(pushes_count) as pushes_count,
        sum(opening_due_amount) as opening_due_amount,
        sum(due_won_amount) as due_won_amount,
        sum(due_lost_amount) as due_lost_amount,
        sum(slipped_amount) as slipped_amount,
        sum(open_due_amount) as open_due_amount,
        sum(won_amount) as won_amount

    from facts
    group by {{ scope_grouping_sets(['period_grain', 'period_start_date', 'purpose']) }}

),

-- a period that owes bookings has a row, also one in which nothing is due
aimed as (

    select
        windows.period_grain, windows.period_start_date, windows.purpose,
        quotas.scope_type,
        quotas.scope_id,
        cast(quotas.quota_amount as decimal(18, 2)) as target_amount

    from quotas
    inner join windows
        on
            quotas.period_grain = windows.period_grain
            and quotas.period_start_date = windows.window_start_date

),

final as (

    select
        coalesce(scoped.period_grain, aimed.period_grain) as period_grain,
        coalesce(scoped.period_start_date, aimed.period_start_date) as period_start_date,
        coalesce(scoped.purpose, aimed.purpose) as purpose,
        coalesce(scoped.scope_type, aimed.scope_type) as scope_type,
        coalesce(scoped.scope_id, aimed.scope_id) as scope_id,
        cast(coalesce(scoped.due_count, 0) as bigint) as due_count,
        cast(coalesce(scoped.pushed_count, 0) as bigint) as pushed_count,
        cast(coalesce(scoped.pushes_count, 0) as bigint) as pushes_count,
        cast(coalesce(scoped.opening_due_amount, 0) as decimal(18, 2)) as opening_due_amount,
        cast(coalesce(scoped.due_won_amount, 0) as decimal(18, 2)) as due_won_amount,
        cast(coalesce(scoped.due_lost_amount, 0) as decimal(18, 2)) as due_lost_amount,
        cast(coalesce(scoped.slipped_amount, 0) as decimal(18, 2)) as slipped_amount,
        cast(coalesce(scoped.open_due_amount, 0) as decimal(18, 2)) as open_due_amount,
        cast(coalesce(scoped.won_amount, 0) as decimal(18, 2)) as won_amount,
        aimed.target_amount

    from scoped
    full outer join aimed
        on
            scoped.period_grain = aimed.period_grain
            and scoped.period_start_date = aimed.period_start_date
            and scoped.purpose = aimed.purpose
            and scoped.scope_type = aimed.scope_type
            and scoped.scope_id = aimed.scope_id

)

select * from final
