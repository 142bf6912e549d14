{# One row per KPI and landed table it is made of, as the SQL of the models tells (decision 0056). #}
{% macro kpi_sources() -%}
    {{ return(adapter.dispatch('kpi_sources')()) }}
{%- endmacro %}

{% macro duckdb__kpi_sources() -%}
    select unnest(from_json(kpi_lineage(), '[{"kpi_code": "varchar", "source_system": "varchar", "table_name": "varchar"}]'), recursive := true)
{%- endmacro %}

{% macro spark__kpi_sources() -%}
    select kpi_code, source_system, table_name from main.kpi_sources
{%- endmacro %}
