with

reps as (

    select * from {{ ref('dim_sales_reps') }}
    where rep_id not in ('unallocated', 'unknown')

),

spells as (

    select * from {{ ref('dim_sales_rep_spells') }}

),

periods as (

    select * from {{ ref('dim_periods') }}
    where period_grain in ('quarter', 'year')

),

components as (

    select * from {{ ref('kpi_components_daily') }}
    where scope_type = 'rep'

),

leads as (

    select * from {{ ref('fct_leads') }}
    where not is_excluded

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}
    where opportunity_type = 'new_business'

),

-- without a list of the team, a rep is there from the first thing done, and is what the things done are
seen as (

    select
        scope_id as rep_id,
        min(component_date) as first_date,
        min(case when component_code = 'closed_opportunities' then component_date end) as first_closed_date,
        min(case when component_code = 'leads_contacted' then component_date end) as first_contacted_date

    from components
    group by scope_id

),

-- who did nothing at all was away, or had left without anybody noting it
active as (

    select
        components.scope_id as rep_id,
        periods.period_grain,
        periods.period_start_date,
        periods.observed_until_date

    from components
    inner join periods on components.component_date between periods.period_start_date and periods.observed_until_date
    group by components.scope_id, periods.period_grain, periods.period_start_date, periods.observed_until_date

),

worked as (

    select rep_id, segment, first_known_date as worked_date
    from leads
    union all
    select owner_rep_id as rep_id, segment, created_date as worked_date
    from opportunities

),

-- who has worked three quarters in one segment by then is of that segment
specialised as (

    select
        worked.rep_id,
        periods.period_grain,
        periods.period_start_date,
        worked.segment,
        count(*) as records_count,
        sum(count(*)) over (partition by worked.rep_id, periods.period_grain, periods.period_start_date) as all_count

    from worked
    inner join periods on worked.worked_date <= periods.observed_until_date
    group by worked.rep_id, periods.period_grain, periods.period_start_date, worked.segment
    qualify all_count >= 20 and records_count >= 0.75 * all_count

),

present as (

    select
        reps.rep_id,
        active.period_grain,
        active.period_start_date,
        case
            -- as they were then: who is promoted is not judged anew
            when spells.role <> 'unknown' then spells.role
            when seen.first_closed_date <= active.observed_until_date then 'account_executive'
            when seen.first_contacted_date <= active.observed_until_date then 'sdr'
            else 'unknown'
        end as role,
        coalesce(specialised.segment, 'all segments') as segment,
        coalesce(reps.hired_date, seen.first_date) as started_date,
        active.observed_until_date,
        greatest(active.period_start_date, coalesce(reps.hired_date, seen.first_date)) as present_from_date

    from reps
    inner join seen on reps.rep_id = seen.rep_id
    inner join active
        on
            reps.rep_id = active.rep_id
            and coalesce(reps.hired_date, seen.first_date) <= active.observed_until_date
            and coalesce(reps.left_date > active.observed_until_date, reps.is_active, true)
    left join spells on {{ in_spell('spells', 'reps.rep_id', 'active.observed_until_date') }}
    left join specialised
        on
            active.rep_id = specialised.rep_id
            and active.period_grain = specialised.period_grain
            and active.period_start_date = specialised.period_start_date

),

measured as (

    select
        *,
        date_diff('day', present_from_date, observed_until_date) + 1 as present_days

    from present

),

final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        role,
        segment,
        -- by where the rep stood halfway through the days seen
        case
            when started_date + interval '{{ var("rep_ramp_months") }} months' > present_from_date + cast(present_days // 2 as integer)
                then 'ramp quarter ' || cast(date_diff('month', started_date, present_from_date) // 3 + 1 as varchar)
            else 'established'
        end as tenure,
        cast(present_days as bigint) as present_days

    from measured

)

select * from final
