{# What is wrong with the dashboards of a relation: too few or too many tiles or headlines, a family of KPIs missing from
   a dashboard of the sales team. Where there is anything, an error that names it and the file to edit. #}
{% macro refuse_unbalanced_dashboards(dashboards, registry) -%}
    {%- set families = ['activity', 'conversion', 'value', 'efficiency'] -%}
    {%- set counted -%}
    select
        roles.dashboard,
        roles.has_all_families,
        count(tiles.kpi_code) as tiles_count,
        coalesce(sum(case when tiles.is_headline then 1 else 0 end), 0) as headlines_count
        {%- for family in families %},
        coalesce(sum(case when registry.family = '{{ family }}' then 1 else 0 end), 0) as {{ family }}_count
        {%- endfor %}
    from (
        select 'sdr' as dashboard, true as has_all_families
        union all select 'account_executive', true
        union all select 'sales_director', true
        union all select 'executive', false
    ) as roles
    left join {{ dashboards }} as tiles on roles.dashboard = tiles.dashboard
    left join {{ registry }} as registry on tiles.kpi_code = registry.kpi_code
    group by roles.dashboard, roles.has_all_families
    {%- endset -%}
    {%- set faults -%}
    select dashboard, 'has ' || tiles_count || ' tiles, not 7 to 10' as fault from counted where tiles_count not between 7 and 10
    union all
    select dashboard, 'has ' || headlines_count || ' headlines, not 5 to 7' from counted where headlines_count not between 5 and 7
    {%- for family in families %}
    union all
    select dashboard, 'has no KPI of the family {{ family }}' from counted where has_all_families and {{ family }}_count = 0
    {%- endfor %}
    {%- endset -%}
    {%- set query = 'with counted as (' ~ counted ~ ') select dashboard, fault from (' ~ faults ~ ') as faults order by dashboard, fault' -%}
    {%- if execute -%}
        {%- set told = [] -%}
        {%- for row in run_query(query).rows -%}
            {%- do told.append(row[0] ~ ' ' ~ row[1]) -%}
        {%- endfor -%}
        {%- if told -%}
            {{ exceptions.raise_compiler_error('dashboard ' ~ told | join(', ') ~ ': correct dashboards.csv in the config folder') }}
        {%- endif -%}
    {%- endif -%}
    {{ query }}
{%- endmacro %}
