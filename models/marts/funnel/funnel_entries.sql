with

entries as (

    select * from {{ ref('fct_stage_entries') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

counted as (

    select
        *,
        'reached' as counting,
        reached_date as entered_date

    from entries

    union all

    select
        *,
        'strict' as counting,
        strict_date as entered_date

    from entries
    where strict_date is not null

),

final as (

    select
        counted.counting_unit,
        counted.record_id,
        counted.stage,
        counted.counting,
        counted.entered_date,
        dates.fiscal_year,
        counted.rep_id,
        counted.team_id,
        counted.segment,
        counted.channel,
        counted.product

    from counted
    inner join dates on counted.entered_date = dates.date_day

)

select * from final
