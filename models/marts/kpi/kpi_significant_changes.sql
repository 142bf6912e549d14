with

surprises as (

    select * from {{ ref('kpi_surprises') }}

),

-- a count that fell to nothing has no sample of its own: what was expected of it is the sample
judged as (

    select
        *,
        case when scope_type = 'rep' then 'rep' else 'company_and_teams' end as level,
        {{ false_alert_rate('period_grain') }} as false_alert_rate

    from surprises
    where
        is_headline
        and p_value is not null
        and not is_partial_period
        and is_mature
        and trust_status = 'trusted'
        and coalesce(greatest(sample_size, case when interval_method = 'poisson' then expected_value end) >= minimum_sample, true)

),

adjusted as (
    {{ adjusted_for_false_discoveries('judged') }}
),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        value,
        expected_value,
        value / nullif(expected_value, 0) - 1 as gap_rate,
        case direction when 'down' then value < expected_value else value > expected_value end as is_for_the_better,
        p_value,
        adjusted_p_value,
        cast(tests_count as bigint) as tests_count,
        adjusted_p_value <= false_alert_rate and abs(value / nullif(expected_value, 0) - 1) >= {{ var('alert_margin') }} as is_significant

    from adjusted

)

select * from final
