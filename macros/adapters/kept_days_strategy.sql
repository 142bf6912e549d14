{# The strategy of a table that keeps what was said day by day; the last run of a day is what it said. #}
{% macro kept_days_strategy() -%}
    {{ return(adapter.dispatch('kept_days_strategy')()) }}
{%- endmacro %}

{% macro duckdb__kept_days_strategy() -%}
    {{ return('delete+insert') }}
{%- endmacro %}

{# Rows of Parquet tables cannot be deleted: of a day the first run stays. #}
{% macro spark__kept_days_strategy() -%}
    {{ return('append') }}
{%- endmacro %}
