{% set season = "case surprises.scope_type when 'rep' then seasons.season_share else surprises.season_share end" %}
with

attainment as (

    select * from {{ ref('kpi_attainment') }}
    where target_value is not null

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

surprises as (

    select * from {{ ref('kpi_surprises') }}

),

-- three Augusts of one person tell luck, not season: a rep's is that of the company
seasons as (

    select * from surprises
    where scope_type = 'company'

),

-- what is weak every year at this time is no news: the season lessens what is owed (where less is better, it allows more), and never
-- asks for more than was agreed on
owed as (

    select
        attainment.*,
        kpi_values.ci_low,
        kpi_values.ci_high,
        kpi_values.trust_status,
        surprises.direction,
        surprises.interval_method,
        surprises.sample_size,
        surprises.variance as own_variance,
        surprises.surprises_before,
        case when surprises.scope_type = 'rep' then 'rep' else 'company_and_teams' end as level,
        attainment.prorated_target_value
        * coalesce(case when surprises.direction = 'down' then greatest(1, {{ season }}) else least(1, {{ season }}) end, 1)
            as owed_value,
        -- half a period is less certain than a whole one
        attainment.prorated_target_value / nullif(attainment.target_value, 0) as elapsed_share

    from attainment
    inner join surprises
        on
            attainment.kpi_code = surprises.kpi_code
            and attainment.period_grain = surprises.period_grain
            and attainment.period_start_date = surprises.period_start_date
            and attainment.scope_type = surprises.scope_type
            and attainment.scope_id = surprises.scope_id
    left join seasons
        on
            attainment.kpi_code = seasons.kpi_code
            and attainment.period_grain = seasons.period_grain
            and attainment.period_start_date = seasons.period_start_date
    inner join kpi_values
        on
            attainment.kpi_code = kpi_values.kpi_code
            and attainment.period_grain = kpi_values.period_grain
            and attainment.period_start_date = kpi_values.period_start_date
            and attainment.scope_type = kpi_values.scope_type
            and attainment.scope_id = kpi_values.scope_id
    where attainment.status in ('ahead', 'on_track', 'at_risk', 'missed')

),

-- a young KPI's history does not tell yet what is usual: chance is taken to be half as wide again as its sample says
spread as (

    select
        *,
        greatest(surprises_before, {{ var('minimum_surprises') }}) as degrees,
        coalesce(
            own_variance,
            2.25 * case
                when interval_method = 'wilson' then 0.25 / nullif(sample_size, 0)
                when interval_method = 'poisson' then 1 / nullif(owed_value, 0)
                else power((ci_high - ci_low) / 3.92 / nullif(value, 0), 2)
            end
        ) / elapsed_share as variance

    from owed

),

measured as (

    select
        *,
        case when direction = 'down' then owed_value / nullif(value, 0) else value / nullif(owed_value, 0) end as owed_attainment_rate,
        case when direction = 'down' then -1 else 1 end * {{ distance('value', 'owed_value', 'interval_method') }}
        / nullif(sqrt(variance), 0) as t_score

    from spread

),

scored as (

    select
        *,
        {{ false_alert_rate('period_grain') }} as false_alert_rate,
        case
            when t_score < 0 then {{ two_sided_p('t_score', 'degrees') }} / 2
            when t_score >= 0 then 1 - {{ two_sided_p('t_score', 'degrees') }} / 2
        end as p_value

    from measured

),

adjusted as (
    {{ adjusted_for_false_discoveries('scored') }}
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
        owed_value,
        owed_attainment_rate,
        value / nullif(prorated_target_value, 0) - 1 as gap_rate,
        p_value,
        adjusted_p_value,
        cast(tests_count as bigint) as tests_count,
        trust_status = 'trusted'
        and owed_attainment_rate < 1 - {{ var('alert_margin') }}
        and coalesce(case when direction = 'down' then ci_low > owed_value else ci_high < owed_value end, true)
        and coalesce(adjusted_p_value <= false_alert_rate, false) as is_missed

    from adjusted

)

select * from final
