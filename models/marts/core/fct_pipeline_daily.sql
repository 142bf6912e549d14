with

spells as (

    select * from {{ ref('fct_pipeline_spells') }}
    where status = 'open'

),

dates as (

    select * from {{ ref('dim_dates') }}

),

final as (

    select
        dates.date_day as pipeline_date,
        spells.rep_id,
        spells.team_id,
        spells.segment,
        spells.channel,
        spells.product,
        spells.opportunity_type,
        spells.stage,
        cast(count(*) as bigint) as open_count,
        cast(sum(spells.open_amount) as decimal(18, 2)) as open_amount,
        cast(sum(case when spells.close_date < dates.date_day then 1 else 0 end) as bigint) as overdue_count,
        cast(sum(case when spells.open_amount is null then 1 else 0 end) as bigint) as without_amount_count

    from spells
    inner join dates on dates.date_day between spells.from_date and spells.to_date
    group by
        dates.date_day, spells.rep_id, spells.team_id, spells.segment, spells.channel, spells.product, spells.opportunity_type,
        spells.stage

)

select * from final
