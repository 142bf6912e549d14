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
        {{ in_the_year_before('avg(case when is_learnt_from then business_days end)') }} as business_days_before,
        max(case when is_learnt_from then value end) over (
            partition by kpi_code, period_grain, scope_type, scope_id
            order by period_number range between 1 preceding and 1 preceding
        ) as value_last

    from learnt

),

-- weeks of two years do not begin on the same date: what is usual lies between a week and its neighbours
shifts as (

    select 0 as shift, 'week|month|quarter' as grains
    union all
    select -1 as shift, 'week' as grains
    union all
    select 1 as shift, 'week' as grains

),

-- what the same period of up to three earlier years was to the year before it: season and usual growth in one
shifted as (

    select
        present.kpi_code,
        present.period_grain,
        present.period_start_date,
        present.scope_type,
        present.scope_id,
        shifts.shift,
        {{ ordered_sum('past.daily_value', 'past.period_number') }} / nullif({{ ordered_sum('past.daily_before', 'past.period_number') }}, 0) as season_ratio,
        {{ ordered_sum('past.value', 'past.period_number') }} as season_value

    from years_before as present
    inner join shifts on {{ is_listed('present.period_grain', 'shifts.grains') }}
    inner join years_before as past
        on
            present.kpi_code = past.kpi_code
            and present.period_grain = past.period_grain
            and present.scope_type = past.scope_type
            and present.scope_id = past.scope_id
            and present.period_number - past.period_number + shifts.shift
            in (present.season_length, 2 * present.season_length, 3 * present.season_length)
    where present.expectation_method = 'season' and past.is_learnt_from and past.periods_before >= 0.75 * past.season_length
    group by present.kpi_code, present.period_grain, present.period_start_date, present.scope_type, present.scope_id, shifts.shift

),

seasons as (

    select
        kpi_code, period_grain, period_start_date, scope_type, scope_id,
        max(case when shift = 0 then season_ratio end) as season_ratio,
        max(case when shift = 0 then season_value end) as season_value,
        min(season_ratio) as lowest_ratio,
        max(season_ratio) as highest_ratio

    from shifted
    group by kpi_code, period_grain, period_start_date, scope_type, scope_id

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
        -- of a running period the part that is over is taken into account by whoever prorates
        seasons.season_ratio
        * case when years_before.is_partial_period then 1 else years_before.business_days / nullif(years_before.business_days_before, 0) end
            as season_share,
        seasons.season_value,
        coalesce(seasons.lowest_ratio / nullif(seasons.season_ratio, 0), 1) as lowest_share,
        coalesce(seasons.highest_ratio / nullif(seasons.season_ratio, 0), 1) as highest_share,
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
