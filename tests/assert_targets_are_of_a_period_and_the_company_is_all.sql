-- A target of a day on which no such period begins would be passed over, and one of a company by another name than `all` would
-- make a second company.
with

targets as (

    select * from {{ ref('kpi_targets') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

final as (

    select
        targets.kpi_code,
        targets.period_grain,
        targets.period_start_date,
        targets.scope_type,
        targets.scope_id

    from targets
    left join dates on targets.period_start_date = dates.date_day
    where
        targets.period_grain not in ('week', 'month', 'quarter', 'year')
        or targets.scope_type not in ('company', 'team', 'rep', 'segment', 'channel', 'product')
        or (targets.scope_type = 'company' and targets.scope_id <> 'all')
        or targets.period_start_date <> case targets.period_grain
            when 'week' then dates.week_start_date
            when 'month' then dates.month_start_date
            when 'quarter' then dates.fiscal_quarter_start_date
            when 'year' then dates.fiscal_year_start_date
        end

)

select * from final
