{#
    The steps of a role's dashboard as one wide table, up to `final`: a row per month and scope, a column per KPI, named by its code,
    amounts in cents. What is counted is 0 where a scope has recorded nothing since its first value, in months in which the
    company knows its own: without it nobody could tell a rep who sold nothing from one who is not there, and a mean would
    leave the month out. Which KPIs of a row are not mature, or not to be trusted, is told by their codes: `win_rate, nrr_rate`.
#}
{% macro wide_dashboard(codes) -%}
monthly as (

    select * from {{ ref('kpi_values') }}
    where period_grain = 'month'

),

registry as (

    select * from {{ ref('kpi_registry') }}

),

counted as (

    select
        {%- for code in codes %}
        bool_or(kpi_code = '{{ code }}' and {{ is_counted('registry') }}) as {{ code }}{{ ',' if not loop.last }}
        {%- endfor %}

    from registry

),

wide as (

    select
        period_start_date as month_date,
        scope_type,
        scope_id,
        {%- for code in codes %}
        max(case when kpi_code = '{{ code }}' then value end) as {{ code }},
        {%- endfor %}
        scope_name_en,
        scope_name_fr,
        is_partial_period,
        {%- for name, condition in {'immature_kpis': 'not is_mature', 'not_trusted_kpis': "trust_status = 'not_trusted'"}.items() %}
        nullif(concat_ws(', ',
            {%- for code in codes %}
            max(case when kpi_code = '{{ code }}' and {{ condition }} then '{{ code }}' end){{ ',' if not loop.last }}
            {%- endfor %}
        ), '') as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from monthly
    group by period_start_date, scope_type, scope_id, scope_name_en, scope_name_fr, is_partial_period

),

final as (

    select
        wide.month_date,
        wide.scope_type,
        wide.scope_id,
        {%- for code in codes %}
        cast(case
            when
                wide.{{ code }} is null and counted.{{ code }} and max(wide.{{ code }}) over so_far is not null
                and max(case when wide.scope_type = 'company' then wide.{{ code }} end) over of_all is not null
                then 0
            else wide.{{ code }}
        end as {{ 'decimal(18, 2)' if code.endswith('_amount') else 'double' }}) as {{ code }},
        {%- endfor %}
        wide.scope_name_en,
        wide.scope_name_fr,
        wide.is_partial_period,
        wide.immature_kpis,
        wide.not_trusted_kpis

    from wide
    cross join counted
    window
        so_far as (partition by wide.scope_type, wide.scope_id order by wide.month_date),
        of_all as (partition by wide.month_date)

)
{%- endmacro %}
