{# A seed is made anew on every run: its columns may have changed with the config folder. #}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {%- do adapter.drop_relation(old_relation) -%}
    {{ return(create_csv_table(model, agate_table)) }}
{% endmacro %}
