with

reasons as (

    select * from {{ ref('kpi_alert_reasons') }}

),

kpis as (

    select * from {{ ref('dim_kpis') }}

),

reps as (

    select * from {{ ref('dim_sales_reps') }}

),

drivers as (

    select * from {{ ref('kpi_alert_drivers') }}

),

reactions as (

    select * from {{ ref('kpi_reactions') }}

),

-- a KPI's own reaction, else that of its family
advised as (

    select
        kpis.kpi_code,
        kpis.name_en,
        kpis.name_fr,
        kpis.unit,
        {% for language in ['en', 'fr'] %}
        {% for part in ['look', 'analyse', 'talk', 'adjust'] %}
        coalesce(own.{{ part }}_{{ language }}, of_family.{{ part }}_{{ language }}) as {{ part }}_{{ language }}{{ ',' if not (loop.last and language == 'fr') }}
        {% endfor %}
        {% endfor %}

    from kpis
    left join reactions as own on kpis.kpi_code = own.applies_to
    left join reactions as of_family on kpis.family = of_family.applies_to

),

joined as (

    select
        reasons.*,
        advised.unit,
        advised.look_en,
        advised.look_fr,
        advised.name_en || ' (' || coalesce(reps.rep_name, case when reasons.scope_type = 'company' then 'company' else reasons.scope_id end) || ')'
            as subject_en,
        advised.name_fr || ' (' || coalesce(reps.rep_name, case when reasons.scope_type = 'company' then 'entreprise' else reasons.scope_id end) || ')'
            as subject_fr,
        drivers.driver,
        drivers.driver_label_en,
        drivers.driver_label_fr,
        drivers.is_main_driver,
        case
            when reasons.is_for_the_better then 'Find out what was done otherwise, and tell the others.'
            else 'Analyse: ' || advised.analyse_en || ' Talk: ' || advised.talk_en || ' Adjust: ' || advised.adjust_en
        end as suggested_analysis_en,
        case
            when reasons.is_for_the_better then 'Cherchez ce qui a été fait autrement, et dites-le aux autres.'
            else 'Analyser : ' || advised.analyse_fr || ' Échanger : ' || advised.talk_fr || ' Ajuster : ' || advised.adjust_fr
        end as suggested_analysis_fr

    from reasons
    inner join advised on reasons.kpi_code = advised.kpi_code
    left join reps on case when reasons.scope_type = 'rep' then reasons.scope_id end = reps.rep_id
    left join drivers
        on
            reasons.kpi_code = drivers.kpi_code
            and reasons.period_grain = drivers.period_grain
            and reasons.period_start_date = drivers.period_start_date
            and reasons.scope_type = drivers.scope_type
            and reasons.scope_id = drivers.scope_id
            and reasons.alert_reason = drivers.alert_reason

),

final as (

    select
        kpi_code,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        alert_reason,
        severity,
        cast(value as double) as value,
        cast(target_value as double) as target_value,
        cast(case when alert_reason = 'significant_change' then compared_value end as double) as expected_value,
        cast(adjusted_p_value as double) as adjusted_p_value,
        {{ alert_message('en') }} as message_en,
        {{ alert_message('fr') }} as message_fr,
        driver as main_driver,
        suggested_analysis_en,
        suggested_analysis_fr

    from joined

)

select * from final
