with

kpis as (

    select * from {{ ref('rep_kpis') }}

),

reps as (

    select * from {{ ref('rep_periods') }}

),

estimates as (

    select * from {{ ref('rep_estimates') }}

),

ranks as (

    select * from {{ ref('rep_ranks') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

weakest_steps as (

    select * from {{ ref('rep_weakest_steps') }}

),

joined as (

    select
        kpis.rep_id,
        kpis.period_grain,
        kpis.period_start_date,
        kpis.kpi_code,
        coalesce(ranks.peer_group, reps.role) as peer_group,
        kpis.value,
        kpis.sample_size,
        -- a count is its own sample: who has next to none is judged by what was to be expected of the rep's days
        greatest(kpis.sample_size, case when kpis.statistic = 'count' then kpis.exposure * estimates.others_rate end) as judged_sample,
        registry.minimum_sample,
        reps.tenure,
        -- a rate of days is shown as what it makes in the rep's days
        case when kpis.statistic in ('count', 'amount') then kpis.exposure else 1 end as unit,
        estimates.shrunk_rate,
        estimates.others_rate,
        ranks.rank_low,
        ranks.rank_high,
        ranks.peers_count,
        estimates.lead * case registry.direction when 'down' then -1 else 1 end as lead,
        estimates.lead_error,
        {{ var('standing_margin') }} * abs(estimates.mean_rate) as margin,
        -- a difference that matters would have been seen, or the rep's own records say more than the group's
        estimates.chance_share * 1.959963984540054 <= {{ var('told_difference') }} or estimates.reliability >= 0.5 as is_told,
        weakest_steps.weakest_step,
        weakest_steps.weakest_step_loss_amount

    from kpis
    inner join registry on kpis.kpi_code = registry.kpi_code
    inner join reps
        on
            kpis.rep_id = reps.rep_id
            and kpis.period_grain = reps.period_grain
            and kpis.period_start_date = reps.period_start_date
    left join ranks
        on
            kpis.rep_id = ranks.rep_id
            and kpis.period_grain = ranks.period_grain
            and kpis.period_start_date = ranks.period_start_date
            and kpis.kpi_code = ranks.kpi_code
    left join estimates
        on
            ranks.rep_id = estimates.rep_id
            and ranks.period_grain = estimates.period_grain
            and ranks.period_start_date = estimates.period_start_date
            and ranks.kpi_code = estimates.measure_code
            and ranks.peer_group = estimates.peer_group
    left join weakest_steps
        on
            kpis.rep_id = weakest_steps.rep_id
            and kpis.period_grain = weakest_steps.period_grain
            and kpis.period_start_date = weakest_steps.period_start_date

),

-- how likely the rep is better, or worse, by more than what nobody would act on
judged as (

    select
        *,
        case when lead_error > 0 then {{ normal_share('(abs(lead) - margin) / lead_error') }} end as clear_share

    from joined

),

final as (

    select
        rep_id,
        period_grain,
        period_start_date,
        kpi_code,
        peer_group,
        value,
        shrunk_rate * unit as shrunk_value,
        others_rate * unit as peer_value,
        cast(rank_low as bigint) as rank_low,
        cast(rank_high as bigint) as rank_high,
        cast(peers_count as bigint) as peers_count,
        sample_size,
        case when lead_error > 0 then {{ normal_share('lead / lead_error') }} when lead_error = 0 then 0.5 end as better_share,
        case
            when tenure <> 'established' then 'ramping'
            when rank_low is null or judged_sample < minimum_sample then 'not_enough_data'
            when lead > 0 and rank_high < (peers_count + 1) / 2.0 and clear_share >= {{ var('standing_certainty') }} then 'top'
            when lead < 0 and rank_low > (peers_count + 1) / 2.0 and clear_share >= {{ var('standing_certainty') }} then 'needs_support'
            when is_told then 'typical'
            else 'not_enough_data'
        end as standing,
        weakest_step,
        weakest_step_loss_amount

    from judged

)

select * from final
