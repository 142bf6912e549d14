with

changes as (

    select * from {{ ref('kpi_significant_changes') }}
    where is_significant

),

misses as (

    select * from {{ ref('kpi_missed_targets') }}
    where is_missed

),

surprises as (

    select * from {{ ref('kpi_surprises') }}

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

-- the period that has ended and whose cohorts have had their time, and the running one; what is older has been said
newest as (

    select
        kpi_code,
        period_grain,
        max(case when not is_partial_period and is_mature then period_start_date end) as ended_start_date,
        max(case when is_partial_period then period_start_date end) as running_start_date

    from surprises
    where scope_type = 'company'
    group by kpi_code, period_grain

),

reasons as (

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, 'significant_change' as alert_reason,
        value, cast(null as double) as target_value, expected_value as compared_value,
        is_for_the_better, gap_rate, adjusted_p_value
    from changes
    union all
    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id, 'target_missed' as alert_reason,
        value, target_value, prorated_target_value as compared_value,
        false as is_for_the_better, gap_rate, adjusted_p_value
    from misses

),

-- nobody can act for a rep who has left, nor for a team that is no more
staffed as (

    select periods.period_grain, periods.period_start_date, 'company' as scope_type, 'all' as scope_id
    from periods
    union all
    select periods.period_grain, periods.period_start_date, 'rep' as scope_type, reps.rep_id as scope_id
    from periods
    inner join reps on coalesce(reps.left_date > periods.period_end_date, true)
    union all
    select periods.period_grain, periods.period_start_date, 'team' as scope_type, reps.team_id as scope_id
    from periods
    inner join reps on coalesce(reps.left_date > periods.period_end_date, true)
    group by periods.period_grain, periods.period_start_date, reps.team_id

),

final as (

    select
        reasons.kpi_code,
        reasons.period_grain,
        reasons.period_start_date,
        reasons.scope_type,
        reasons.scope_id,
        reasons.alert_reason,
        case
            when reasons.is_for_the_better then 'info'
            -- one person's month is no emergency
            when reasons.scope_type <> 'rep' and abs(reasons.gap_rate) >= {{ var('critical_gap') }} then 'critical'
            else 'important'
        end as severity,
        reasons.value,
        reasons.target_value,
        reasons.compared_value,
        reasons.gap_rate,
        reasons.is_for_the_better,
        reasons.adjusted_p_value,
        newest.running_start_date is not null and reasons.period_start_date = newest.running_start_date as is_running

    from reasons
    inner join newest
        on
            reasons.kpi_code = newest.kpi_code
            and reasons.period_grain = newest.period_grain
            and reasons.period_start_date in (newest.ended_start_date, newest.running_start_date)
    inner join staffed
        on
            reasons.period_grain = staffed.period_grain
            and reasons.period_start_date = staffed.period_start_date
            and reasons.scope_type = staffed.scope_type
            and reasons.scope_id = staffed.scope_id

)

select * from final
