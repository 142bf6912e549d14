with

entrants as (

    select * from {{ ref('funnel_step_entrants') }}

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- mature history: who has had the whole window, of the last three years
observed as (

    select
        entrants.from_stage,
        entrants.to_stage,
        entrants.counting,
        date_diff('day', entrants.entered_date, coalesce(entrants.converted_date, entrants.lost_date, clocks.as_of_date)) as observed_days,
        case when entrants.converted_date is not null then 1 else 0 end as converted_count,
        case when entrants.converted_date is null and entrants.lost_date is not null then 1 else 0 end as lost_count

    from entrants
    inner join clocks
        on
            entrants.entered_date + cast(entrants.window_days as integer) <= clocks.as_of_date
            and entrants.entered_date > clocks.as_of_date - interval 36 month

),

-- the day they enter begins every curve, also where nothing happens on it
counted as (

    select from_stage, to_stage, counting, observed_days, 1 as observed_count, converted_count, lost_count from observed
    union all
    select from_stage, to_stage, counting, 0 as observed_days, 0 as observed_count, 0 as converted_count, 0 as lost_count from observed

),

per_day as (

    select
        from_stage,
        to_stage,
        counting,
        observed_days,
        sum(observed_count) as observed_count,
        sum(converted_count) as converted_count,
        sum(lost_count) as lost_count

    from counted
    group by from_stage, to_stage, counting, observed_days

),

at_risk as (

    select
        *,
        converted_count + lost_count as left_count,
        sum(observed_count) over (
            partition by from_stage, to_stage, counting
            order by observed_days desc
        ) as at_risk_count

    from per_day

),

-- Kaplan-Meier over either event: the product of what each day leaves
surviving as (

    select
        *,
        {{ surviving_rate('left_count', 'at_risk_count', 'so_far') }} as open_rate

    from at_risk
    window so_far as (partition by from_stage, to_stage, counting order by observed_days)

),

-- Aalen-Johansen: who is still open the day before, times the share of them that converts
converting as (

    select
        *,
        coalesce(lag(open_rate) over days, 1) * converted_count / cast(at_risk_count as double) as converting_rate

    from surviving
    window days as (partition by from_stage, to_stage, counting order by observed_days)

),

cumulated as (

    select
        *,
        sum(converting_rate) over (partition by from_stage, to_stage, counting order by observed_days) as converted_rate,
        sum(converting_rate) over (
            partition by from_stage, to_stage, counting
            order by observed_days
            rows between 1 following and unbounded following
        ) as converting_later_rate,
        lead(observed_days) over (partition by from_stage, to_stage, counting order by observed_days) as next_days

    from converting

),

final as (

    select
        from_stage,
        to_stage,
        counting,
        cast(observed_days as bigint) as since_days,
        cast(next_days - 1 as bigint) as until_days,
        cast(at_risk_count as bigint) as at_risk_count,
        cast(converted_count as bigint) as converted_count,
        cast(lost_count as bigint) as lost_count,
        cast(open_rate as double) as open_rate,
        cast(converted_rate as double) as converted_rate,
        least(1, coalesce(converting_later_rate / nullif(open_rate, 0), 0)) as later_conversion_rate

    from cumulated

)

select * from final
