with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

targets as (

    select * from {{ ref('kpi_targets_due') }}

),

quotas as (

    select * from {{ ref('kpi_quotas') }}

),

paces as (

    select * from {{ ref('kpi_paces') }}

),

compared as (

    select
        kpi_values.*,
        registry.direction,
        registry.aggregation,
        registry.minimum_sample,
        kpi_values.is_partial_period and coalesce(registry.within_period, 'none') = 'builds_up' as is_building_up,
        -- who is not there has no target; a quarter of bookings without one of its own has those of its months
        case when coalesce(quotas.quota_amount, 1) > 0 then coalesce(targets.target_value, quotas.agreed_amount) end as target_value,
        -- of what was agreed on for somebody up to speed a rep who is new owes a part
        case when coalesce(quotas.quota_amount, 1) > 0 then coalesce(quotas.quota_amount, targets.target_value) end as owed_value,
        paces.pace_method,
        -- a sum is under way to its target, a rate is where it is
        case when kpi_values.is_partial_period then coalesce(paces.elapsed_share, 1) else 1 end as elapsed_share

    from kpi_values
    inner join registry on kpi_values.kpi_code = registry.kpi_code
    left join targets
        on
            kpi_values.kpi_code = targets.kpi_code
            and kpi_values.period_grain = targets.period_grain
            and kpi_values.period_start_date = targets.period_start_date
            and kpi_values.scope_type = targets.scope_type
            and kpi_values.scope_id = targets.scope_id
    left join quotas
        on
            case when kpi_values.kpi_code = 'bookings_amount' then kpi_values.period_grain end = quotas.period_grain
            and kpi_values.period_start_date = quotas.period_start_date
            and kpi_values.scope_type = quotas.scope_type
            and kpi_values.scope_id = quotas.scope_id
    left join paces
        on
            case when kpi_values.is_partial_period then kpi_values.kpi_code end = paces.kpi_code
            and kpi_values.period_grain = paces.period_grain
            and kpi_values.period_start_date = paces.period_start_date
    -- nobody need agree on a metric, but where somebody did it is judged
    where registry.kind = 'kpi' or targets.target_value is not null

),

rated as (

    select
        *,
        owed_value * elapsed_share as prorated_target_value,
        case when direction = 'down' then target_value / nullif(value, 0) else value / nullif(target_value, 0) end as attainment_rate,
        case
            when direction = 'down' then owed_value * elapsed_share / nullif(value, 0)
            else value / nullif(owed_value * elapsed_share, 0)
        end as prorated_attainment_rate,
        -- what little of a period has passed says nothing of its end, nor does what builds up till then
        case when not is_building_up and elapsed_share >= {{ var('too_early_share') }} then value / elapsed_share end as projected_value

    from compared

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        value,
        target_value,
        prorated_target_value,
        attainment_rate,
        prorated_attainment_rate,
        projected_value,
        pace_method,
        case
            when target_value is null then 'no_target'
            when trust_status in ('not_trusted', 'no_source') then 'not_trusted'
            when value is null or not is_mature then 'too_early'
            -- a rate of few may be chance, what was signed was signed
            when aggregation not in ('sum', 'distinct') and sample_size < minimum_sample then 'too_early'
            when is_partial_period and elapsed_share < {{ var('too_early_share') }} then 'too_early'
            -- what builds up is known at the end, unless it is past its target already; growth beyond all takes its time
            when
                is_building_up
                and (coalesce(prorated_attainment_rate, 1) >= 1 - {{ var('on_track_margin') }} or direction = 'up' and target_value > 1)
                then 'too_early'
            -- nothing of what should be little has no rate, and cannot be better
            when direction = 'down' and value <= 0 then 'ahead'
            -- nor has what nothing was asked for
            when direction = 'up' and target_value = 0 and value >= 0 then 'ahead'
            when prorated_attainment_rate >= 1 + {{ var('on_track_margin') }} then 'ahead'
            when is_partial_period and prorated_attainment_rate >= 1 - {{ var('on_track_margin') }} then 'on_track'
            when is_partial_period then 'at_risk'
            when prorated_attainment_rate >= 1 then 'on_track'
            else 'missed'
        end as status

    from rated

)

select * from final
