with

histories as (

    select * from {{ ref('kpi_histories') }}

),

-- of what is not known to be right, or not yet whole, nothing is learnt
learnt as (

    select
        *,
        not is_partial_period and is_mature and trust_status in ('trusted', 'degraded') and value is not null as is_learnt_from,
        value / nullif(business_days, 0) as daily_value

    from histories

),

-- what the twelve months, or four quarters, or 52 weeks before were
years_before as (

    select
        *,
        {{ in_the_year_before('count(case when is_learnt_from then 1 end)') }} as periods_before,
        {{ in_the_year_before('avg(case when is_learnt_from then daily_value end)') }} as daily_before,
        {{ in_the_year_before('sum(case when is_learnt_from then value end)') }} as value_before,
        {{ in_the_year_before('sum(case when is_learnt_from then numerator end)') }} as numerator_before,
        {{ in_the_year_before('sum(case when is_learnt_from then denominator end)') }} as denominator_before,
        max(case when is_learnt_from then value end) over (
            partition by kpi_code, period_grain, scope_type, scope_id
            order by period_number range between 1 preceding and 1 preceding
        ) as value_last

    from learnt

),

-- what the same period of up to three earlier years was to the year before it: season and usual growth in one
seasons as (

    select
        present.kpi_code,
        present.period_grain,
        present.period_start_date,
        present.scope_type,
        present.scope_id,
        sum(past.daily_value) / nullif(sum(past.daily_before), 0) as season_ratio,
        sum(past.value) as season_value

    from years_before as present
    inner join years_before as past
        on
            present.kpi_code = past.kpi_code
            and present.period_grain = past.period_grain
            and present.scope_type = past.scope_type
            and present.scope_id = past.scope_id
            and present.period_number - past.period_number in (present.season_length, 2 * present.season_length, 3 * present.season_length)
    where present.expectation_method = 'season' and past.is_learnt_from and past.periods_before >= 0.75 * past.season_length
    group by present.kpi_code, present.period_grain, present.period_start_date, present.scope_type, present.scope_id

),

final as (

    select
        years_before.kpi_code,
        years_before.period_grain,
        years_before.period_start_date,
        years_before.scope_type,
        years_before.scope_id,
        years_before.period_end_date,
        years_before.period_number,
        years_before.is_partial_period,
        years_before.is_headline,
        years_before.direction,
        years_before.interval_method,
        years_before.minimum_sample,
        years_before.expectation_method,
        years_before.value,
        years_before.numerator,
        years_before.denominator,
        years_before.sample_size,
        years_before.ci_low,
        years_before.ci_high,
        years_before.is_mature,
        years_before.trust_status,
        years_before.is_learnt_from,
        years_before.value_before,
        years_before.denominator_before,
        seasons.season_ratio,
        seasons.season_ratio * years_before.business_days as season_index,
        seasons.season_value,
        case
            when years_before.expectation_method = 'step' then years_before.value_last
            when years_before.periods_before < 0.75 * years_before.season_length then null
            when years_before.expectation_method = 'season'
                then years_before.daily_before * seasons.season_ratio * years_before.business_days
            else years_before.numerator_before / nullif(years_before.denominator_before, 0)
        end as expected_value

    from years_before
    left join seasons
        on
            years_before.kpi_code = seasons.kpi_code
            and years_before.period_grain = seasons.period_grain
            and years_before.period_start_date = seasons.period_start_date
            and years_before.scope_type = seasons.scope_type
            and years_before.scope_id = seasons.scope_id

)

select * from final
