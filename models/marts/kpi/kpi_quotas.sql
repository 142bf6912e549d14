with

owed as (

    select * from {{ ref('kpi_quotas_owed') }}

),

months as (

    select
        date_day as month_date,
        fiscal_quarter_start_date,
        fiscal_year_start_date

    from {{ ref('dim_dates') }}
    where date_day = month_start_date

),

-- which periods another is made of
parts as (

    select 'quarter' as period_grain, fiscal_quarter_start_date as period_start_date, 'month' as part_grain, month_date as part_start_date
    from months
    union all
    select 'year' as period_grain, fiscal_year_start_date as period_start_date, 'month' as part_grain, month_date as part_start_date
    from months
    union all
    select
        'year' as period_grain, fiscal_year_start_date as period_start_date, 'quarter' as part_grain,
        fiscal_quarter_start_date as part_start_date
    from months
    group by fiscal_year_start_date, fiscal_quarter_start_date

),

parts_counted as (

    select
        period_grain,
        period_start_date,
        part_grain,
        count(*) as parts_count

    from parts
    group by period_grain, period_start_date, part_grain

),

-- a longer period without a target of its own owes those of its parts, once all of them are agreed on
summed as (

    select
        parts.period_grain,
        parts.period_start_date,
        parts.part_grain,
        owed.scope_type,
        owed.scope_id,
        sum(owed.quota_amount) as quota_amount,
        count(*) as agreed_count

    from parts
    inner join owed
        on
            parts.part_grain = owed.period_grain
            and parts.part_start_date = owed.period_start_date
    group by parts.period_grain, parts.period_start_date, parts.part_grain, owed.scope_type, owed.scope_id

),

offered as (

    select period_grain, period_start_date, scope_type, scope_id, quota_amount, 1 as preference from owed
    union all
    select
        summed.period_grain, summed.period_start_date, summed.scope_type, summed.scope_id, summed.quota_amount,
        case summed.part_grain when 'quarter' then 2 else 3 end as preference
    from summed
    inner join parts_counted
        on
            summed.period_grain = parts_counted.period_grain
            and summed.period_start_date = parts_counted.period_start_date
            and summed.part_grain = parts_counted.part_grain
            and summed.agreed_count = parts_counted.parts_count

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(quota_amount as double) as quota_amount

    from offered
    where quota_amount > 0
    qualify row_number() over (partition by period_grain, period_start_date, scope_type, scope_id order by preference) = 1

)

select * from final
